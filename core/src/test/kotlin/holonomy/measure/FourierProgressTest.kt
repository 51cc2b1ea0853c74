package holonomy.measure

import holonomy.data.UserError
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Model
import holonomy.model.WeightGroup
import holonomy.outside.Bigram
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.task.Batch
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.Random
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.sin

private const val P = 13

/** What float32 logits leave of sums over 13 classes. */
private const val ROUNDING = 1e-6

private fun sum(p: Int) = PairTask.of(Operation.sum(p)).forSeed(1)

/** Logits [p, p] of each a, by a formula of (a, b, c). */
private fun table(logit: (Int, Int, Int) -> Double): SumWaves.PairLogits {
    val rows = List(P) { a -> FloatArray(P * P) { logit(a, it / P, it % P).toFloat() } }
    return SumWaves.PairLogits { rows[it] }
}

/** The addition by waves: every key frequency says how far c is from a + b. */
private fun planted(heights: Map<Int, Double>) = table { a, b, c ->
    heights.entries.sumOf { (k, height) -> height * cos(2 * PI * k * (a + b - c) / P) }
}

private fun crossEntropy(logits: DoubleArray, target: Int) = ln(logits.sumOf { exp(it) }) - logits[target]

/** The plain way: coefficients (k, k) of the transform in two dimensions, class by class. */
private class Plain(private val p: Int, private val logits: (Int, Int, Int) -> Double) {
    private val level = Array(p * p) { pair -> (0 until p).sumOf { logits(pair / p, pair % p, it) } / p }

    private fun y(a: Int, b: Int, c: Int) = logits(a, b, c) - level[a * p + b]

    private val coefficients =
        List(p / 2 + 1) { k ->
            List(p) { c ->
                var (re, im) = 0.0 to 0.0
                for (a in 0 until p) for (b in 0 until p) {
                    val angle = 2 * PI * (k * a + k * b) / p
                    re += y(a, b, c) * cos(angle) / (p * p)
                    im -= y(a, b, c) * sin(angle) / (p * p)
                }
                re to im
            }
        }

    fun share(k: Int): Double {
        var total = 0.0
        for (a in 0 until p) for (b in 0 until p) for (c in 0 until p) {
            total += (y(a, b, c) - coefficients[0][c].first).let { it * it } / (p * p)
        }
        return coefficients[k].sumOf { (re, im) -> 2 * (re * re + im * im) } / total
    }

    private fun waves(a: Int, b: Int, c: Int, keys: Collection<Int>) =
        keys.sumOf { k ->
            val (re, im) = coefficients[k][c]
            2 * (re * cos(2 * PI * k * (a + b) / p) - im * sin(2 * PI * k * (a + b) / p))
        }

    fun restricted(a: Int, b: Int, keys: Collection<Int>) =
        crossEntropy(DoubleArray(p) { coefficients[0][it].first + waves(a, b, it, keys) }, (a + b) % p)

    fun excluded(a: Int, b: Int, keys: Collection<Int>) =
        crossEntropy(DoubleArray(p) { logits(a, b, it) - waves(a, b, it, keys) }, (a + b) % p)
}

private fun pairs(task: PairTask, part: PairTask.Part): List<Pair<Int, Int>> =
    task.all(part).tokens().toList().chunked(2).map { (a, b) -> a to b }

class FourierProgressTest :
    FreeSpec({
        "planted frequencies are found: alone they have the whole loss, without them nothing is known" {
            val logits = planted(mapOf(2 to 3.0, 5 to 4.0))
            val waves = SumWaves.of(P, logits)
            val shares = waves.shares()
            shares.size shouldBe 6
            shares[1] shouldBe (9.0 / 25 plusOrMinus ROUNDING)
            shares[4] shouldBe (16.0 / 25 plusOrMinus ROUNDING)
            SumWaves.holding(shares, .95) shouldContainExactly listOf(5, 2)
            SumWaves.holding(shares, .5) shouldContainExactly listOf(5)
            val losses = WaveLosses.of(sum(P), waves, logits, listOf(listOf(5, 2), listOf(1, 3)))
            for (part in PairTask.Part.entries) {
                val exact = crossEntropy(DoubleArray(P) { 3 * cos(4 * PI * it / P) + 4 * cos(10 * PI * it / P) }, 0)
                losses.loss(part) shouldBe (exact plusOrMinus ROUNDING)
                losses.restricted(part, 0) shouldBe (exact plusOrMinus ROUNDING)
                losses.excluded(part, 0) shouldBe (ln(P.toDouble()) plusOrMinus ROUNDING)
                // Frequencies that the network doesn't use: alone they say nothing, and nothing is missed without them.
                losses.restricted(part, 1) shouldBe (ln(P.toDouble()) plusOrMinus ROUNDING)
                losses.excluded(part, 1) shouldBe (exact plusOrMinus ROUNDING)
            }
        }

        "pairs learned by heart are no waves of the sum: what is right of the training pairs alone stays excluded" {
            val task = sum(P)
            val known = pairs(task, PairTask.Part.TRAIN).toSet()
            val logits = table { a, b, c -> if (a to b in known && c == (a + b) % P) 9.0 else 0.0 }
            val waves = SumWaves.of(P, logits)
            val keys = SumWaves.holding(waves.shares(), .99)
            val losses = WaveLosses.of(task, waves, logits, listOf(keys))
            losses.excluded(PairTask.Part.TRAIN, 0) shouldBeGreaterThan losses.loss(PairTask.Part.TRAIN)
            losses.excluded(PairTask.Part.TRAIN, 0) shouldBe
                (known
                    .map { (a, b) -> Plain(P) { i, j, c -> logits.of(i)[j * P + c].toDouble() }.excluded(a, b, keys) }
                    .average() plusOrMinus ROUNDING)
        }

        "shares are those of the table's variance, a level of a row's own is none" {
            val random = Random(3)
            val rows = Array(P) { DoubleArray(5) { random.nextGaussian() } }
            SumWaves.of(rows).shares().sum() shouldBe (1.0 plusOrMinus 1e-12)
            val one = Array(P) { a -> doubleArrayOf(7 + cos(6 * PI * a / P), sin(6 * PI * a / P)) }
            SumWaves.of(one).shares()[2] shouldBe (1.0 plusOrMinus 1e-12)
            val levels = table { a, b, c -> cos(2 * PI * 4 * (a + b - c) / P) + a * a - 3 * b }
            SumWaves.of(P, levels).shares()[3] shouldBe (1.0 plusOrMinus 1e-4) // logits of size 150 in float32
        }

        "along a run: frequencies chosen at the latest odd snapshot, everything else as a plain transform gives" {
            val task = sum(7)
            val spec =
                RunSpec(task, Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER), Training(AdamW.of(1e-2), 40, 16), 1)
            val measure = FourierProgress(SnapshotPlan.of(WeightGroup.ALL, 5), .6, 3)
            val run =
                Runner(Store.open(tempdir().toPath()), ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
                    .run(listOf(RunRequest(spec, "run", setOf(), listOf(measure))), { false })
                    .single()
                    .run()
                    .get()
            val rows = run.table(measure.file()).rows()
            rows.map { it.number("step").toInt() }.distinct() shouldContainExactly listOf(0, 20, 40)

            val layout = spec.model().layout()
            val plain =
                Snapshots.of(run, spec, measure.snapshots()).use { path ->
                    spec.model().open(ComputeDevice.CPU).use { network ->
                        listOf(3, 4).map { number ->
                            val theta = FloatArray(layout.size())
                            for (block in layout.blocks()) {
                                val values = FloatArray(block.size())
                                path.read(number, block.name(), 0, values, values.size)
                                values.copyInto(theta, block.offset())
                            }
                            val all = IntArray(98) { if (it % 2 == 0) it / 14 else it / 2 % 7 }
                            val logits = network.logits(theta, Batch.of(2, all, IntArray(49)))
                            Plain(7) { a, b, c -> logits[7 * (7 * a + b) + c].toDouble() }
                        }
                    }
                }
            val order = (1..3).sortedByDescending { plain[0].share(it) }
            val wanted = .6 * (1..3).sumOf { plain[0].share(it) }
            val keys = order.take((1..3).first { n -> order.take(n).sumOf(plain[0]::share) >= wanted })

            fun value(statistic: String, series: String, set: String) =
                rows
                    .single {
                        it.number("step") == 40.0 &&
                            it.text("statistic") == statistic &&
                            it.text("series") == series &&
                            it.text("set") == set
                    }
                    .number("value")
            for (k in 1..3) {
                val row =
                    rows.single {
                        it.number("step") == 40.0 &&
                            it.text("statistic") == FourierProgress.LOGITS &&
                            it.number("frequency") == k.toDouble()
                    }
                row.number("value") shouldBe (plain[1].share(k) plusOrMinus 1e-6)
                row.text("series") shouldBe if (k in keys) FourierProgress.KEY else FourierProgress.OTHER
            }
            for (part in PairTask.Part.entries) {
                fun mean(loss: (Int, Int) -> Double) = pairs(task, part).map { (a, b) -> loss(a, b) }.average()
                value(FourierProgress.RESTRICTED, FourierProgress.KEY, part.label()) shouldBe
                    (mean { a, b -> plain[1].restricted(a, b, keys) } plusOrMinus 1e-5)
                value(FourierProgress.EXCLUDED, FourierProgress.KEY, part.label()) shouldBe
                    (mean { a, b -> plain[1].excluded(a, b, keys) } plusOrMinus 1e-5)
                value(FourierProgress.LOSS, FourierProgress.KEY, part.label()) shouldBe
                    (mean { a, b -> plain[1].excluded(a, b, listOf()) } plusOrMinus 1e-5)
            }
            // Whatever is drawn: as many frequencies as are key ones, so the null's loss lies among those of all such
            // sets.
            val sets = (1..3).toList().let { all -> if (keys.size == 1) all.map(::listOf) else all.map { all - it } }
            val possible =
                sets.map { set ->
                    pairs(task, PairTask.Part.TEST).map { (a, b) -> plain[1].restricted(a, b, set) }.average()
                }
            val drawn = value(FourierProgress.RESTRICTED, FourierProgress.RANDOM, "test")
            (drawn in possible.min() - 1e-5..possible.max() + 1e-5) shouldBe true
        }

        "it travels: it is made again from its spec" {
            val measure = FourierProgress(SnapshotPlan.of(WeightGroup.ALL, 9), .95, 8)
            Measures.fromSpec(measure.spec()).get() shouldBe measure
        }

        "mistakes are named" {
            fun message(make: () -> Unit) = shouldThrow<UserError> { make() }.message
            val plan = SnapshotPlan.of(WeightGroup.ALL, 9)
            val measure = FourierProgress(plan, .95, 8)
            fun run(task: PairTask): () -> Unit = {
                val model = Architecture(task.vocabulary(), 2, task.classes(), 1, 2, 16, 32, Design.ENCODER)
                measure.requireMeaning(RunSpec(task.forSeed(1), model, Training(AdamW.of(1e-2), 4, 4), 1))
            }
            message(run(sum(12))) shouldBe
                "Fourier progress of 'sum modulo 12': expected frequencies of a prime, but modulus 12 is not a prime; the next prime is 13"
            message(run(PairTask.of(Operation.product(7)))) shouldBe
                "Fourier progress: expected the sum of all pairs of residues, a + b modulo a prime, found the task " +
                    "'product modulo 7'; measure it along runs on the sum"
            message(run(PairTask.of(Operation.sum(7)).withoutZero())) shouldBe
                "Fourier progress: expected the sum of all pairs of residues, a + b modulo a prime, found the task " +
                    "'sum modulo 7, without 0'; measure it along runs on the sum"
            message(run(sum(2))) shouldBe
                "Fourier progress: expected a modulus of at least 3, which has a frequency, found 2"
            val bigram =
                object : Model by Bigram(7, 2) {
                    override fun readouts() = listOf(0)
                }
            message { measure.requireMeaning(RunSpec(sum(7), bigram, Training(AdamW.of(1e-2), 4, 4), 1)) } shouldBe
                "Fourier progress: expected a model with an embedding of each of the 7 residues, found bigram, " +
                    "without an embedding; measure it along runs of one that has"
            message { FourierProgress(SnapshotPlan.of(WeightGroup.ATTENTION, 9), .95, 8) } shouldBe
                "Fourier progress: expected snapshots of every weight, found those of attention"
            message { FourierProgress(plan, 1.0, 8) } shouldBe
                "Fourier progress: expected key frequencies that hold a share above 0 and below 1, found 1.0"
            message { FourierProgress(plan, .95, 0) } shouldBe
                "Fourier progress: expected at least 1 set of random frequencies, found 0"
            message { FourierProgress(SnapshotPlan.of(WeightGroup.ALL, 3), .95, 8) } shouldBe
                "Fourier progress: expected at least 4 snapshots, found 3"
        }
    })
