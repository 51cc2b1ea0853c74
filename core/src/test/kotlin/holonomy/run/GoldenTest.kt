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
import io.kotest.matchers.shouldBe

private val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Transformer(32, 12, 4, 2, 2, 16, 0)

/**
 * SHA-256 of the golden run's weights by kind of CPU (family, model and AVX-512 of /proc/cpuinfo): matrix products
 * round differently on others. When the code changes these bytes on the same CPU, bump the semantics number of what
 * changed and put the new hash here: this is the only place.
 */
private val GOLDEN_THETA =
    mapOf("AuthenticAMD 25 1 false" to "7e3090b0d7a41332e3ab81dc4ec64fa1c498aad8061963f8ca7eb0e61d2b7e0e")

private fun cpuKind(): String {
    val info = java.io.File("/proc/cpuinfo").takeIf { it.exists() }?.readText().orEmpty()
    fun field(name: String) = Regex("(?m)^$name\\s*: (.*)$").find(info)?.groupValues?.get(1).orEmpty()
    return "${field("vendor_id")} ${field("cpu family")} ${field("model")} ${"avx512f" in field("flags")}"
}

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
            fun train() =
                Runner(Store.open(tempdir().toPath()), ComputeDevice.CPU, 1, Progress.NONE)
                    .run(listOf(request)) { false }
                    .single()
                    .run()
                    .get()
            val run = train()
            val theta = run.summary()["theta"].textValue()
            val known = GOLDEN_THETA[cpuKind()]
            if (known == null) println("no golden weights are known for the CPU '${cpuKind()}'; here they are $theta")
            theta shouldBe (known ?: train().summary()["theta"].textValue())
        }
    })

private const val GOLDEN_RUNS =
    "db63bee8032402eed21a5a255527003ec14170e0f2a76198acc62bf4ff52fec2\n" +
        "8c15c27d6fc1469d297b7ffee1fe389c96ce0ec5d5bc8b8f88c1b0a8286a7822\n" +
        "4375e0d62bf09409be90b0b7cbc97188cbdf7ef27aaa175d1994e72091f0fd29"

private const val GOLDEN_MEASURES =
    "metrics/accuracy-ba8c19f9.parquet\nmetrics/training-da6d6373.parquet\nmetrics/spectrum-1d6f1f01.parquet"
