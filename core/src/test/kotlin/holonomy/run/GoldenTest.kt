package holonomy.run

import holonomy.data.Identity
import holonomy.intervention.NormClamp
import holonomy.intervention.Window
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.LogitScale
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.product.ProductLibrary
import holonomy.store.Store
import holonomy.store.spec
import holonomy.store.train
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe

private val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(32, 12, 4, 2, 2, 16, 0)

/**
 * SHA-256 of the golden run's weights by what they depend on: library, version and kernel of the matrix products, and
 * the type of processor. When the code changes these bytes with the same products, bump the semantics number of what
 * changed and put the new hashes here: this is the only place.
 */
private val GOLDEN_THETA =
    mapOf(
        "OpenBLAS 0.3.31, kernel Zen, AuthenticAMD family 25 model 1" to AVX2,
        "OpenBLAS 0.3.31, kernel Haswell, AuthenticAMD family 25 model 1" to AVX2,
        "OpenBLAS 0.3.31, kernel Haswell, AuthenticAMD family 26 model 2" to AVX2,
        "OpenBLAS 0.3.31, kernel Cooperlake, AuthenticAMD family 26 model 2" to
            "84cd54d570f0b1f5ab2f2ef4a9a7b84198af83989a9f73a25571b1a5bd3be926",
        "PyTorch 2.7.1, AuthenticAMD family 25 model 1" to ENGINE,
        "PyTorch 2.7.1, AuthenticAMD family 26 model 2" to ENGINE,
    )

private fun products(): String =
    ProductLibrary.chosen().let { chosen ->
        val kernel = chosen.kernel().map { ", kernel $it" }.orElse("")
        "${chosen.library()} ${chosen.version()}$kernel, ${chosen.processor()}"
    }

/** What is stored keeps its identity: these never change while a semantics number doesn't. */
class GoldenTest :
    FreeSpec({
        val adam = RunSpec(task, model, Training(AdamW.of(1e-3), 20, 16), 1)
        "identities of runs" {
            fun id(spec: RunSpec) = Identity.of(spec.spec())
            val modern =
                listOf(Design.Norm.RMS, Design.Activation.SWIGLU, Design.Positions.ROTARY)
                    .fold(Design.DECODER.scalingStart(.5), Design::with)
            val bare = Design.ENCODER.with(Design.Norm.NONE)
            val clamp = NormClamp(WeightGroup.ALL, .5, NormClamp.Unit.INITIAL, 1.0, Window.from(0))
            val sgd = Training(Sgd(.1, .9, true, .01, Optimizer.Decay.L2), Schedule.cosine(3, .1), 20, 16, 1.0)
            listOf(
                    id(adam),
                    id(RunSpec(task, Architecture(32, 12, 4, 2, 2, 16, 64), sgd, 3, 4)),
                    id(
                        RunSpec(
                            task.withMarkers(listOf(3)),
                            model,
                            Training(AdamW.of(1e-3), Schedule.warmup(5), 20, 16, 0.0),
                            2,
                        )
                    ),
                    id(
                        RunSpec(
                            task,
                            Architecture(32, 12, 4, 2, 2, 16, 0, Design.DECODER.scalingLogits(.5)),
                            Training(AdamW.of(1e-3), 20, 16).with(listOf(clamp)),
                            1,
                        )
                    ),
                    id(RunSpec(task, Architecture(32, 12, 4, 2, 2, 16, 64, modern), adam.training(), 1)),
                    id(RunSpec(task, Architecture(32, 12, 4, 2, 2, 16, 64, bare), adam.training(), 1)),
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
                    LogitScale(Cadence.times(25)),
                )
            measures.joinToString("\n") { it.file() } shouldBe GOLDEN_MEASURES
            plan.folder() shouldBe "trajectory/attention-25"
        }
        "bytes of a golden run" {
            val request = RunRequest(adam, "golden", setOf(), listOf())
            fun train() =
                Runner(Store.open(tempdir().toPath()), ComputeDevice.CPU, 1, Progress.NONE)
                    .run(listOf(request)) { false }
                    .single()
                    .run()
                    .get()
            val run = train()
            val theta = run.summary()["theta"].textValue()
            val known = GOLDEN_THETA[products()]
            if (known == null) println("no golden weights are known for '${products()}'; here they are $theta")
            theta shouldBe (known ?: train().summary()["theta"].textValue())
        }
    })

private const val AVX2 = "0b011ca724d650d8a7c63ff20315f06211bbc5ed325e3089f01834bf7d91a25a"
private const val ENGINE = "40f06f61faee4f518059786dd875ce071f0413c84432c2b30aa49793ad3d4199"

private const val GOLDEN_RUNS =
    "96f9ac4f376cfdcc63241bae2a505d4f7e22274d773a0f96221c750bd0a4000c\n" +
        "615b80278f46a512c88c9d05a37c63371f466a3c493ca7cb6cbd4270e7c630ab\n" +
        "8040754d4e37b4e2d858afea4b307863d646783c1af2479dd1b21960d9e89c7e\n" +
        "3cac454cba83f149f0fd965505f708ff5a133e4121b48026652880939fd98c18\n" +
        "469eef6ac9b1398c2faea4c2963a489499d3a773c07d949e2214aa4f9014b719\n" +
        "b4cd41ea62bee2a13d8083d538b69619ce910d1363d82239370a37285fb66942"

private const val GOLDEN_MEASURES =
    "metrics/accuracy-ba8c19f9.parquet\nmetrics/training-da6d6373.parquet\nmetrics/spectrum-b39185cd.parquet\n" +
        "metrics/logit-scale-4cfe3007.parquet"
