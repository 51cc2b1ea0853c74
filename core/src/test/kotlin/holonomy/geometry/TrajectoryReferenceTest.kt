package holonomy.geometry

import com.fasterxml.jackson.databind.JsonNode
import holonomy.Reference
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe

private const val TOLERANCE = 1e-9

private fun JsonNode.doubles(name: String) = get(name).map { it.asDouble() }.toDoubleArray()

private fun one(value: Double) = doubleArrayOf(value)

private fun snapshots(tensor: Reference.Tensor): Array<FloatArray> {
    val (n, dimension) = tensor.shape
    val all = tensor.floats()
    return Array(n) { all.copyOfRange(it * dimension, (it + 1) * dimension) }
}

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
        }
    })
