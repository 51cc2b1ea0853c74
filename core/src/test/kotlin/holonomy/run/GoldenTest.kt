package holonomy.run

import holonomy.data.Identity
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.ComputeDevice
import holonomy.model.Transformer
import holonomy.model.WeightGroup
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe

private val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Transformer(32, 12, 4, 2, 2, 16, 0)

/**
 * SHA-256 of the golden run's weights, one per kind of CPU it was taken on (matrix products round differently on
 * others). When the code changes these bytes on the same CPU, bump the semantics number of what changed and put the new
 * hash here: this is the only place.
 */
private val GOLDEN_THETA = setOf("330314a21299b706636d5dd7935ea996c317839c4a85838e204cf3b0b46f0893")

/** What is stored keeps its identity: these never change while a semantics number doesn't. */
class GoldenTest :
    FreeSpec({
        val adam = RunSpec(task, model, Training(Optimizer.AdamW.of(1e-3), 20, 16), 1)
        "identities of runs" {
            fun id(spec: RunSpec) = Identity.of(spec.spec())
            val sgd =
                Training(Optimizer.Sgd(.1, .9, true, .01, Optimizer.Decay.L2), Schedule.cosine(3, .1), 20, 16, 1.0)
            listOf(
                    id(adam),
                    id(RunSpec(task, Transformer(32, 12, 4, 2, 2, 16, 64), sgd, 3, 4)),
                    id(
                        RunSpec(
                            task.withMarkers(listOf(3)),
                            model,
                            Training(Optimizer.AdamW.of(1e-3), Schedule.warmup(5), 20, 16, 0.0),
                            2,
                        )
                    ),
                )
                .joinToString("\n") shouldBe GOLDEN_RUNS
        }
        "identities of measures" {
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 25)
            val measures: List<Measure> =
                listOf(
                    Accuracy(Cadence.times(25), 512),
                    TrainingCurve(Cadence.times(25)),
                    TrajectorySpectrum(plan, 25, 10, 200),
                )
            measures.joinToString("\n") { it.file() } shouldBe GOLDEN_MEASURES
            plan.folder() shouldBe "trajectory/attention-25"
        }
        "bytes of a golden run" {
            val request = RunRequest(adam, "golden", setOf(), listOf())
            val run =
                Runner(Store.open(tempdir().toPath()), ComputeDevice.CPU, 1, Progress.NONE)
                    .run(listOf(request)) { false }
                    .single()
                    .run()
                    .get()
            GOLDEN_THETA shouldContain run.summary()["theta"].textValue()
        }
    })

private const val GOLDEN_RUNS =
    "0a9763f1d919f23e0e06dd174ed65a530ea1e7f6d5f234ace9c5a219ac9cc89b\n" +
        "8998ea3a41e420ec318fdf8a2bd4e03ce1d1e0229ecc5afef0d8c2371d2338d7\n" +
        "d759c5b83ebba195371c0a1dc35e1dc96aebb5ed3f94952e0c2cf2e32c57f222"

private const val GOLDEN_MEASURES =
    "metrics/accuracy-ba8c19f9.parquet\nmetrics/training-da6d6373.parquet\nmetrics/spectrum-1d6f1f01.parquet"
