package holonomy.geometry

import com.fasterxml.jackson.databind.JsonNode
import holonomy.Reference
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

private const val TOLERANCE = 1e-9

/** Where the stored vectors are float32 and the expected scalars were computed before rounding. */
private const val SINGLE = 1e-5

private fun JsonNode.doubles(name: String) = get(name).map { it.asDouble() }.toDoubleArray()

private fun one(value: Double) = doubleArrayOf(value)

private fun snapshots(tensor: Reference.Tensor): Array<FloatArray> {
    val (n, dimension) = tensor.shape
    val all = tensor.floats()
    return Array(n) { all.copyOfRange(it * dimension, (it + 1) * dimension) }
}

private fun top3(tensor: Reference.Tensor) = Subspace.principal(ArrayTrajectory.of("W", snapshots(tensor)), "W", 3)

private fun check(spectrum: Spectrum, expected: JsonNode) {
    val share = expected.doubles("explained")
    relativeDistance(spectrum.varianceShare().copyOf(share.size), share) shouldBeLessThan TOLERANCE
    spectrum.r90() shouldBe expected.get("r90").asDouble()
    spectrum.r95() shouldBe expected.get("k95").asDouble()
    fun agrees(ours: Double, name: String) =
        relativeDistance(one(ours), one(expected.get(name).asDouble())) shouldBeLessThan TOLERANCE
    agrees(spectrum.pc1Share(), "pc1")
    agrees(spectrum.participationRatio(), "participation_ratio")
    agrees(spectrum.entropyRank(), "entropy_rank_eigenvalues")
    agrees(spectrum.entropyRankOfSingularValues(), "entropy_rank_singular_values")
}

class TrajectoryReferenceTest :
    FreeSpec({
        Reference.cases("trajectory").forEach { case ->
            val blocks = case.tensors.keys.map { it.removePrefix("trajectory.") }
            blocks.forEach { block ->
                val gram = gramOf(snapshots(case.tensor("trajectory.$block")))
                val expected = case.expected.get(block)
                "${case.name} $block" -
                    {
                        "centred spectrum" { check(Spectrum.of(gram, Centring.CENTRED), expected.get("centred")) }
                        "from start" {
                            check(Spectrum.of(gram, Centring.FROM_START), expected.get("from_start_uncentred"))
                        }
                        "row-normalised" {
                            check(Spectrum.of(gram, Centring.ROW_NORMALISED), expected.get("from_start_row_normalised"))
                        }
                        "every expanding window" {
                            val windows = (3..gram.snapshots()).map { Spectrum.of(gram.prefix(it), Centring.CENTRED) }
                            val pc1 = windows.map { it.pc1Share() }.toDoubleArray()
                            relativeDistance(pc1, expected.doubles("expanding_pc1")) shouldBeLessThan TOLERANCE
                            windows.map { it.r90() } shouldBe expected.doubles("expanding_r90").toList()
                        }
                        "alignment to final" {
                            relativeDistance(
                                Alignment.toFinal(gram),
                                expected.doubles("alignment_to_final"),
                            ) shouldBeLessThan TOLERANCE
                        }
                    }
            }
            "${case.name}: angles between the two top-3 subspaces" {
                val (first, second) = blocks.map { top3(case.tensor("trajectory.$it")) }
                val angles = first.anglesTo(second)
                relativeDistance(angles.cosines(), case.expected.doubles("principal_angle_cosines")) shouldBeLessThan
                    TOLERANCE
                relativeDistance(
                    one(angles.overlap()),
                    one(case.expected.get("subspace_overlap").asDouble()),
                ) shouldBeLessThan TOLERANCE
            }
        }
        Reference.cases("commutator").forEach { case ->
            "${case.name}: projection on a basis, and its exact chance" {
                val (dimension, k) = case.tensor("basis").shape
                val entries = case.tensor("basis").doubles()
                val basis = Subspace.spannedBy(Array(k) { c -> DoubleArray(dimension) { entries[it * k + c] } })
                val delta = case.tensor("delta").doubles()
                fun agrees(ours: Double, name: String) =
                    relativeDistance(one(ours), one(case.expected.get(name).asDouble())) shouldBeLessThan SINGLE
                agrees(sqrt(basis.energyShare(delta)), "rho")
                agrees(basis.residualNorm(delta), "perpendicular_norm")
                agrees(sqrt(basis.coordinates(delta).sumOf { it * it }), "parallel_norm")
                agrees(ProjectionNull(k, dimension.toLong()).meanRho(), "expected_random_rho")
            }
        }
    })
