package holonomy.statistic

import holonomy.claim.Claim
import holonomy.claim.Judge
import holonomy.claim.Margin
import holonomy.claim.Verdict
import holonomy.geometry.Statistic
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.util.function.BooleanSupplier

private const val WALK = "uncorrelated walk"

/**
 * A whole experiment through core alone: runs, rows of a figure, a verdict; numbers beside loops over the stored
 * tables.
 */
class WholeExperimentTest :
    FreeSpec({
        val accuracy = Accuracy(Cadence.times(7), 32)
        val spectrum = TrajectorySpectrum(SnapshotPlan.of(WeightGroup.ATTENTION, 5), 3, 1, 10)
        val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
        val model = Architecture(32, 12, 4, 2, 2, 16, 0)
        val requests =
            (1L..3L).map { seed ->
                val spec = RunSpec(task, model, Training(AdamW.of(1e-3), 12, 8), seed)
                RunRequest(spec, "seed $seed", setOf(), listOf(accuracy, spectrum))
            }
        val store = Store.open(tempdir().toPath())
        val runs by lazy {
            val results = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(requests, BooleanSupplier { false })
            StoredRuns.of(results.associateTo(linkedMapOf()) { it.request() to it.run().get() })
        }
        val r90 = SpectrumNumbers(spectrum, Statistic.R90_INTERPOLATED)

        /** Mean over blocks of the last window's r90, from the stored table of a seed. */
        fun expected(seed: Long, series: String): Double {
            val rows =
                runs
                    .members()
                    .single { it.seed() == seed }
                    .stored()
                    .table(spectrum.file())
                    .rows()
                    .filter {
                        it.text("statistic") == "r90 interpolated" &&
                            it.text("series") == series &&
                            it.text("centring") == "centred"
                    }
            val end = rows.maxOf { it.number("snapshots") }
            return rows.filter { it.number("snapshots") == end }.map { it.number("value") }.average()
        }

        "the rows of a figure: r90 by matrix at the end, mean over layers, one row per seed and matrix" {
            val rows = r90.overLayers(r90.atEnd(runs, TrajectorySpectrum.MEASURED))
            rows.columns().map { it.name() } shouldBe listOf("seed", "m_max", "matrix", "step", "statistic", "value")
            rows.rows().map { it.text("seed") to it.text("matrix") }.toSet() shouldBe
                requests.indices.flatMap { i -> listOf("W_Q", "W_K", "W_V", "W_O").map { "${i + 1}" to it } }.toSet()
            rows.rows().map { it.text("m_max") to it.text("step") }.distinct() shouldBe listOf("2" to "12")
            val one = runs.members().first().stored().table(spectrum.file()).rows()
            rows.rows().single { it.text("seed") == "1" && it.text("matrix") == "W_V" }.number("value") shouldBe
                one.filter {
                        it.text("statistic") == "r90 interpolated" &&
                            it.text("series") == "measured" &&
                            it.text("centring") == "centred" &&
                            it.text("matrix") == "W_V" &&
                            it.number("step") == 12.0
                    }
                    .also { it.size shouldBe 2 }
                    .map { it.number("value") }
                    .average()
        }

        "a claim: its number per seed, under a null too, and the verdict" {
            val measured = r90.atEnd("mean r90", TrajectorySpectrum.MEASURED, setOf()).of(runs)
            val walk = r90.atEnd("mean r90", WALK, setOf()).of(runs)
            measured.bySeed() shouldBe (1L..3L).associateWith { expected(it, "measured") }
            walk.bySeed() shouldBe (1L..3L).associateWith { expected(it, WALK) }

            val trained = AccuracyNumbers(accuracy).trained(runs, .95)
            fun verdict(claimed: Claim.ClaimedSet, side: Claim.Side, vararg conditions: Claim.Condition) =
                Judge.judge(
                        Claim(
                            "The path has few dimensions",
                            "ours",
                            "nothing",
                            measured,
                            claimed,
                            null,
                            listOf(Claim.Null(WALK, walk, side, Margin.by(0.0))),
                            conditions.toList(),
                        )
                    )
                    .verdict()
            trained.holds() shouldBe false // twelve steps teach nothing
            val below = (1L..3L).all { expected(it, "measured") < expected(it, WALK) }
            below shouldBe true
            verdict(Claim.ClaimedSet.atMost(4.0), Claim.Side.BELOW, trained) shouldBe Verdict.INCONCLUSIVE
            verdict(Claim.ClaimedSet.atMost(4.0), Claim.Side.BELOW) shouldBe Verdict.REPLICATED
            verdict(Claim.ClaimedSet.atMost(4.0), Claim.Side.ABOVE) shouldBe Verdict.EXPLAINED
            verdict(Claim.ClaimedSet.atLeast(4.5), Claim.Side.BELOW) shouldBe Verdict.NOT_REPLICATED
        }

        "accuracy: the end, the peak, forgetting and the first step at a level, from the stored rows" {
            val of = AccuracyNumbers(accuracy)
            for (run in runs.members()) {
                val rows = run.stored().table(accuracy.file()).rows()
                val ofOne = rows.filter { it.number("m") == 1.0 }.map { it.number("accuracy") }
                val end = rows.filter { it.number("step") == 12.0 }.map { it.number("accuracy") }
                fun found(number: RunNumber) = number.of(runs).bySeed().getValue(run.seed())
                found(of.atEnd()) shouldBe end.average()
                found(of.peak(1)) shouldBe ofOne.max()
                found(of.forgetting(1)) shouldBe ofOne.max() - ofOne.last()
                val level = end.min()
                found(of.stepsTo(level)) shouldBe
                    rows
                        .groupBy { it.number("step") }
                        .filterValues { ms -> ms.all { it.number("accuracy") >= level } }
                        .keys
                        .min()
                found(of.stepsTo(1.1)).isNaN() shouldBe true
            }
        }
    })
