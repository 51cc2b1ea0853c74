package holonomy.measure

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.Increments
import holonomy.geometry.Shrinkage
import holonomy.geometry.Spectrum
import holonomy.geometry.Statistic
import holonomy.geometry.WalkNull
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.store.StoredRun
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
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.math.pow
import kotlin.math.sqrt
import kotlin.random.Random
import kotlin.random.asJavaRandom

private const val RATE = 1e-2
private const val DECAY = .5
private const val STEPS = 12L

private val task = PairTask.of(Operation.sum(7)).forSeed(1)
private val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
private val everything = SnapshotPlan.of(WeightGroup.ALL, 4)
private val attention = SnapshotPlan.of(WeightGroup.ATTENTION, 4)

private fun spec(decay: Double = DECAY, schedule: Schedule = Schedule.constant()): RunSpec {
    val adam = AdamW(RATE, .9, .98, 1e-8, decay, Optimizer.Decay.DECOUPLED)
    return RunSpec(task, model, Training(adam, schedule, STEPS, 16, 1.0), 1)
}

private fun run(store: java.nio.file.Path, spec: RunSpec, vararg measures: Measure): StoredRun =
    Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
        .run(listOf(RunRequest(spec, "run", setOf(), measures.toList())), { false })
        .single()
        .run()
        .get()

/** All weights at each snapshot, block by block in the layout's order. */
private fun weights(run: StoredRun, plan: SnapshotPlan): List<DoubleArray> =
    Snapshots.of(run, RunSpec.fromSpec(run.spec()), plan).use { path ->
        (0 until path.snapshots()).map { i ->
            path
                .blocks()
                .flatMap { block ->
                    FloatArray(path.dimension(block).toInt()).also { path.read(i, block, 0, it, it.size) }.toList()
                }
                .map { it.toDouble() }
                .toDoubleArray()
        }
    }

private fun norm(v: DoubleArray) = sqrt(v.sumOf { it * it })

private fun Table.value(path: String, statistic: String, series: String): Double =
    where { it.text("path") == path && it.text("statistic") == statistic && it.text("series") == series }
        .rows()
        .map { it.number("value") }
        .average()

class GrokkingMeasuresTest :
    FreeSpec({
        "accuracy on all pairs is what counting gives, of the final weights" {
            val measure = Accuracy.onWholeSets(Cadence.times(2))
            val run = run(tempdir().toPath(), spec(), measure)
            val theta = run.end(spec()).theta()
            model.open(ComputeDevice.CPU).use { network ->
                for (part in PairTask.Part.entries) {
                    val batch = task.all(part)
                    val logits = network.logits(theta, batch)
                    val right =
                        batch.targets().indices.count { i ->
                            (0 until 7).maxBy { logits[7 * i + it] } == batch.targets()[i]
                        }
                    val row =
                        run.table(measure.file())
                            .where { it.text("set") == part.label() && it.number("step") == STEPS.toDouble() }
                            .rows()
                            .single()
                    row.number("accuracy") shouldBe right / batch.size().toDouble()
                    row.number("loss") shouldBe (network.loss(theta, batch) plusOrMinus 1e-5)
                    row.number("weight_norm") shouldBe (sqrt(theta.sumOf { it.toDouble() * it }) plusOrMinus 1e-9)
                }
            }
        }

        "the displacement's norm and that of its gradient part follow from the stored snapshots" {
            val measure = ConverseAlignment(Cadence.times(4), everything, 2)
            val run = run(tempdir().toPath(), spec(), measure)
            val path = weights(run, everything)
            val rows = run.table(measure.file()).rows()
            rows.size shouldBe 6 // three displacements, each twice
            for ((i, step) in listOf(4, 8, 12).withIndex()) {
                val kept = (1 - RATE * DECAY).pow(4)
                for ((vector, factor) in
                    listOf(ConverseAlignment.DISPLACEMENT to 1.0, ConverseAlignment.GRADIENT_PART to kept)) {
                    val d = DoubleArray(path[i].size) { path[i + 1][it] - factor * path[i][it] }
                    val row = rows.single { it.number("step") == step.toDouble() && it.text("vector") == vector }
                    row.number("norm") shouldBe (norm(d) plusOrMinus 1e-9)
                    row.number("cosine").shouldBeBetween(0.0, row.number("share"), 1e-9)
                    row.number("share").shouldBeBetween(0.0, 1.0, 1e-9)
                    row.number("share_uniform") shouldBe (sqrt(2.0 / d.size) plusOrMinus 1e-12)
                    row.number("cosine_uniform") shouldBe (sqrt(2 / (Math.PI * d.size)) plusOrMinus 1e-12)
                    // Equal magnitudes everywhere would give the uniform null; unequal ones give less, not more.
                    row.number("cosine_signs").shouldBeBetween(0.0, 1.0, 0.0)
                }
            }
        }

        "under warm-up, decay shrinks by the schedule: the gradient part and the share that decay predicts" {
            val scheduled = spec(schedule = Schedule.warmup(8))
            val converse = ConverseAlignment(Cadence.times(4), everything, 1)
            val controls = DecayControls(everything)
            val run = run(tempdir().toPath(), scheduled, converse, controls)
            val path = weights(run, everything)
            // Steps 1 to 8 at 1/8 .. 8/8 of the rate, the last four at the whole.
            fun kept(steps: IntRange) = steps.fold(1.0) { left, step -> left * (1 - RATE * minOf(step, 8) / 8 * DECAY) }
            for ((i, steps) in listOf(1..4, 5..8, 9..12).withIndex()) {
                val d = DoubleArray(path[i].size) { path[i + 1][it] - kept(steps) * path[i][it] }
                run.table(converse.file())
                    .rows()
                    .single {
                        it.number("step") == steps.last.toDouble() &&
                            it.text("vector") == ConverseAlignment.GRADIENT_PART
                    }
                    .number("norm") shouldBe (norm(d) plusOrMinus 1e-9)
            }
            val block = "layers.0.W_V"
            val (first, last) =
                Snapshots.of(run, scheduled, everything).use { snapshots ->
                    listOf(0, snapshots.snapshots() - 1).map { i ->
                        FloatArray(snapshots.dimension(block).toInt()).also { snapshots.read(i, block, 0, it, it.size) }
                    }
                }
            val moved = norm(DoubleArray(first.size) { last[it].toDouble() - first[it] })
            val predicted = (1 - kept(1..12)) * norm(DoubleArray(first.size) { first[it].toDouble() }) / moved
            run.table(controls.file())
                .where { it.text("block") == block && it.text("statistic") == DecayControls.DECAY_SHARE }
                .rows()
                .single()
                .number("value") shouldBe (predicted * predicted plusOrMinus 1e-6)
        }

        "a displacement under no decay is its own gradient part" {
            val measure = ConverseAlignment(Cadence.times(4), everything, 1)
            val rows = run(tempdir().toPath(), spec(decay = 0.0), measure).table(measure.file()).rows()
            rows
                .groupBy { it.number("step") }
                .values
                .forEach { (one, other) ->
                    one.number("cosine") shouldBe other.number("cosine")
                    one.number("share") shouldBe other.number("share")
                }
        }

        "one commutator: cosine and share agree" {
            val measure = ConverseAlignment(Cadence.times(4), everything, 1)
            run(tempdir().toPath(), spec(), measure).table(measure.file()).rows().forEach {
                it.number("cosine") shouldBe (it.number("share") plusOrMinus 1e-9)
            }
        }

        "random signs: the expectation is what drawing them gives" {
            val random = java.util.Random(1)
            val d = DoubleArray(400) { random.nextGaussian() * (it % 7) }
            val delta = DoubleArray(400) { random.nextGaussian() * (it % 5) }
            val drawn =
                (1..4_000)
                    .map { d.indices.sumOf { i -> (if (random.nextBoolean()) 1 else -1) * d[i] * delta[i] } }
                    .map { kotlin.math.abs(it) / norm(d) / norm(delta) }
                    .average()
            ConverseAlignment.randomSigns(d, delta) shouldBe (drawn plusOrMinus .05 * drawn)
        }

        "decay alone draws a line; without the start there is none of it; without decay both paths are the path" {
            val measure = DecayControls(attention)
            val table = run(tempdir().toPath(), spec(), measure).table(measure.file())
            table.value(DecayControls.DECAY_ONLY, DecayControls.PC1, DecayControls.PATH) shouldBe (1.0 plusOrMinus 1e-6)
            val still = run(tempdir().toPath(), spec(decay = 0.0), measure).table(measure.file())
            still.value(DecayControls.GRADIENT_PART, DecayControls.PC1, DecayControls.PATH) shouldBe
                (still.value(DecayControls.MEASURED, DecayControls.PC1, DecayControls.PATH) plusOrMinus 1e-5)
            still.value(DecayControls.MEASURED, DecayControls.DECAY_SHARE, DecayControls.PATH) shouldBe 0.0
        }

        "weights that stay about their start have a straight gradient part: the null is what such a walk gives" {
            // x_t = x_0 + r (x_{t-1} - x_0) + e_t in 4,000 dimensions: no learning, only decay balanced.
            val random = Random(7)
            val (n, d, rate) = Triple(40, 4_000, .01)
            val kept = (1 - rate).pow(10)
            val start = FloatArray(d) { random.asJavaRandom().nextGaussian().toFloat() }
            val path = mutableListOf(start)
            val increments = mutableListOf(FloatArray(d))
            repeat(n - 1) {
                val e = FloatArray(d) { (.05 * random.asJavaRandom().nextGaussian()).toFloat() }
                val last = path.last()
                path += FloatArray(d) { i -> (start[i] + kept * (last[i] - start[i]) + e[i]).toFloat() }
                increments += FloatArray(d) { i -> (path.last()[i] - kept * last[i]).toFloat() }
            }
            val part = increments.runningReduce { sum, step -> FloatArray(d) { sum[it] + step[it] } }.toTypedArray()
            val steps = LongArray(n) { 10L * it }
            val gram = Gram.of(ArrayTrajectory.of(mapOf("b" to part), steps), "b")
            val norm = sqrt(start.sumOf { it.toDouble() * it })
            val balance = DecayControls.balanceOfDecay(Increments.of(gram), Shrinkage.perStep(rate), norm)
            fun pc1(of: Gram) = Statistic.PC1_SHARE.of(Spectrum.of(of, Centring.CENTRED))
            pc1(gram).shouldBeBetween(.98, 1.0, 0.0)
            pc1(balance) shouldBe (pc1(gram) plusOrMinus 2e-3)
        }

        "the shares of the first components are those of the centred spectrum" {
            val measure = DecayControls(attention)
            val run = run(tempdir().toPath(), spec(), measure)
            val table = run.table(measure.file())
            val walk = WalkNull.Uncorrelated().label()
            for (series in listOf(DecayControls.PATH, walk)) {
                table.value(DecayControls.MEASURED, DecayControls.component(1), series) shouldBe
                    (table.value(DecayControls.MEASURED, DecayControls.PC1, series) plusOrMinus 1e-12)
                // Four snapshots, centred: three components are all of it.
                (1..3).sumOf { table.value(DecayControls.MEASURED, DecayControls.component(it), series) } shouldBe
                    (1.0 plusOrMinus 1e-9)
            }
        }

        "the share along the start is that of plain arithmetic" {
            val measure = DecayControls(attention)
            val run = run(tempdir().toPath(), spec(), measure)
            val block = "layers.0.W_V"
            val (first, last) =
                Snapshots.of(run, spec(), attention).use { path ->
                    listOf(0, path.snapshots() - 1).map { i ->
                        FloatArray(path.dimension(block).toInt()).also { path.read(i, block, 0, it, it.size) }
                    }
                }
            val d = DoubleArray(first.size) { last[it].toDouble() - first[it] }
            val w = DoubleArray(first.size) { first[it].toDouble() }
            val along = d.indices.sumOf { d[it] * w[it] } / norm(w) / norm(d)
            run.table(measure.file())
                .where { it.text("block") == block && it.text("statistic") == DecayControls.START_SHARE }
                .rows()
                .single()
                .number("value") shouldBe (along * along plusOrMinus 1e-6)
        }

        "mistakes are named" {
            shouldThrow<UserError> { ConverseAlignment(Cadence.times(4), attention, 2) }.message shouldBe
                "converse alignment: expected snapshots of every weight, found those of attention"
            shouldThrow<UserError> { DecayControls(SnapshotPlan.of(WeightGroup.ATTENTION, 2)) }.message shouldBe
                "decay controls: expected at least 3 snapshots, found 2"
        }
    })
