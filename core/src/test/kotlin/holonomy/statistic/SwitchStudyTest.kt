package holonomy.statistic

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.Centring
import holonomy.geometry.InitialDirection
import holonomy.geometry.NoiseWalk
import holonomy.geometry.PathDirection
import holonomy.geometry.Switches
import holonomy.inference.Correlation
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.time.Duration

private val task = PairTask.of(Operation.sum(7)).forSeed(1)

private val path = SnapshotPlan.of(WeightGroup.MATRICES, 21)

private val accuracy = Accuracy.onWholeSets(Cadence.times(21))

private val spec =
    RunSpec(
        task,
        Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER),
        Training(AdamW(1e-2, .9, .98, 1e-8, .5, Optimizer.Decay.DECOUPLED), Schedule.constant(), 40, 16, 1.0),
        1,
    )

private const val LEAST = .02

class SwitchStudyTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())
        val stored =
            Runner(store, ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
                .run(listOf(RunRequest(spec, "run", setOf(path), listOf(accuracy))), { false })
                .single()
                .run()
                .get()
        val runs = StoredRuns(listOf(RunSet.Member("run", 1, task, spec, stored)))
        val evaluated = SetNumbers(accuracy, "test")

        fun rows(least: Double): Table =
            DerivedRunner(store, 1, Progress.NONE)
                .run(listOf(SwitchStudy(runs, evaluated, least, path, "switches")), { false })
                .single()
                .stored()
                .get()
                .table(SwitchStudy.SWITCHES)
        val measured =
            Snapshots.of(stored, spec, path).use { snapshots ->
                InitialDirection.sum("trunk", snapshots.blocks().map { InitialDirection.of(snapshots, it) })
            }
        val curve = evaluated.curves(runs, RowNumber.of(Accuracy.ACCURACY)).values.single()

        "a pair goes from a trough to the peak next to it, wherever one follows the other" {
            val values = doubleArrayOf(.1, .1, .5, .4, .2, .3, .6, .6, .7, .9, .5, .5, .2, .2, .8, .1)
            val points = values.mapIndexed { i, value -> Curve.Point(2.0 * i, value) }
            val gram = NoiseWalk.of(DoubleArray(40) { .1 }, .1).path("w", 9, 1.0, LongArray(21) { 2L * it }).path()
            // Peaks at 2, 9 and 14, a trough at 4: after 9 none is strictly below both neighbours.
            SwitchStudy.pairs(gram, Curve(points), .03) shouldBe listOf(Switches.Pair(4, 2), Switches.Pair(4, 9))
        }

        "the rows are those of the pairs in the run's path, in a walk without learning, and at other times" {
            val rows = rows(LEAST)
            val gram = measured.path()
            val pairs = SwitchStudy.pairs(gram, curve, LEAST)
            pairs.shouldNotBeEmpty()
            val walk = NoiseWalk.of(spec.rates(40), .5).path(measured).path()
            fun values(series: String, statistic: String) =
                SwitchStudy.of(rows, series, statistic).rows().map { it.number(Measure.VALUE) }
            fun same(found: List<Double>, expected: List<Double>) {
                found.size shouldBe expected.size
                found.zip(expected) { a, b -> a shouldBe (b plusOrMinus 1e-6) }
            }
            for ((series, path) in listOf(SwitchStudy.PATH to gram, SwitchStudy.NOISE_WALK to walk)) {
                val switches = Switches(path, pairs)
                val v = PathDirection.principal(path, Centring.ROW_NORMALISED)
                same(values(series, SwitchStudy.LENGTH), switches.lengths().toList())
                same(values(series, SwitchStudy.RESIDUAL), switches.residuals().drop(1))
                same(values(series, SwitchStudy.BACKBONE), switches.alignment(v).toList())
                same(values(series, SwitchStudy.DIMENSION), listOf(switches.dimension() / pairs.size))
            }
            val others = Switches(gram, pairs).atOtherTimes()
            same(
                values(SwitchStudy.OTHER_TIMES, SwitchStudy.LENGTH),
                pairs.indices.map { e -> others.sumOf { it.lengths()[e] } / others.size },
            )
            SwitchStudy.mean(rows, runs, SwitchStudy.PATH, SwitchStudy.LENGTH).bySeed()[1L]!! shouldBe
                (Switches(gram, pairs).lengths().average() plusOrMinus 1e-6)
        }

        "steps along a pair are set against the accuracy's changes at the same steps, its own time left out" {
            val pairs = SwitchStudy.pairs(measured.path(), curve, LEAST)
            val cosines = Switches(measured.path(), pairs).updateCosines()[0]
            val kept = cosines.indices.filter { cosines[it].isFinite() }
            val values = curve.values()
            val expected =
                Correlation.pearson(
                    kept.map { cosines[it] }.toDoubleArray(),
                    kept.map { values[it] - values[it - 1] }.toDoubleArray(),
                )
            SwitchStudy.of(rows(LEAST), SwitchStudy.PATH, SwitchStudy.GAIN)
                .rows()
                .first()
                .number(Measure.VALUE) shouldBe (expected plusOrMinus 1e-6)
        }

        "a run without a peak beside a trough has no rows, and its numbers are undefined" {
            val none = rows(2.0)
            none.size() shouldBe 0
            SwitchStudy.mean(none, runs, SwitchStudy.PATH, SwitchStudy.RESIDUAL).bySeed()[1L]!!.isNaN() shouldBe true
        }

        "an evaluation without a snapshot: an error that says what to do" {
            shouldThrow<UserError> { SwitchStudy.require(spec, accuracy, SnapshotPlan.of(WeightGroup.MATRICES, 11)) }
                .message shouldBe
                "switches: expected a snapshot at each evaluation, found none at step 2 among 11; take as many snapshots as the 21 evaluations, or a multiple of their intervals and one more"
        }
    })
