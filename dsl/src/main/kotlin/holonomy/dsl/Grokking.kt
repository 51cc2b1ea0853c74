package holonomy.dsl

import holonomy.data.Table
import holonomy.experiment.Claim
import holonomy.experiment.SeedValues
import holonomy.measure.Cadence
import holonomy.measure.DecayControls
import holonomy.measure.GrokRule
import holonomy.measure.PairAccuracy
import holonomy.measure.SnapshotPlan
import holonomy.model.Transformer
import holonomy.model.WeightGroup
import holonomy.stats.Scale
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.StopRule
import holonomy.train.Training
import java.util.TreeMap

/**
 * The bidirectional encoder of arXiv 2602.16746 under its recipe: AdamW (betas .9 and .98, decoupled decay on every
 * weight), gradients clipped to norm 1. Number of classes: the modulus p.
 */
val Profile.encoder: Arm
    get() = encoder(weightDecay)

/** [encoder] at another weight decay: 0 is the control that doesn't generalise. */
fun Profile.encoder(weightDecay: Double): Arm {
    val adam = Optimizer.AdamW(learningRate, .9, .98, 1e-8, weightDecay, Optimizer.Decay.DECOUPLED)
    val training = Training(adam, Schedule.constant(), steps, batch, 1.0)
    val name = if (weightDecay > 0) "weight decay" else "no weight decay"
    return Arm(name, layers, heads, width, 2 * width, training, Transformer.Form.ENCODER)
}

/**
 * The slow regime of arXiv 2602.16746: 3 layers, learning rate 5e-5, decay .1, betas .9 and .999, at most 650,000
 * steps, ended 20,000 steps after it groks.
 */
val Profile.slowEncoder: Arm
    get() {
        val adam = Optimizer.AdamW(5e-5, .9, .999, 1e-8, .1, Optimizer.Decay.DECOUPLED)
        val training = Training(adam, Schedule.constant(), SLOW_STEPS, batch, 1.0).until(StopRule.published(20_000))
        return Arm("slow regime", 3, heads, width, 2 * width, training, Transformer.Form.ENCODER)
    }

/**
 * [encoder] at another learning rate, with as many more steps as the rate is smaller: the published budgets differ by
 * rate, too.
 */
fun Profile.encoderAt(rate: Double): Arm =
    copy(learningRate = rate, steps = Math.round(steps * maxOf(1.0, learningRate / rate))).encoder

/** Whether a recipe is the published slow regime. */
fun slowRegime(arm: Arm): Claim.Condition {
    val steps = arm.training.steps()
    return Claim.Condition("the published slow regime (650000 steps)", steps == SLOW_STEPS, "$steps steps")
}

private const val SLOW_STEPS = 650_000L

/** All pairs (a, b) modulo p under an operation, its values taken modulo p; half of them trained on. */
fun pairs(name: String, p: Int, operation: (Int, Int) -> Int): PairTask =
    PairTask.of(Operation.of(name, p) { a, b -> operation(a, b) })

/** Whether model and modulus have the published sizes: a published number can only be tested there. */
val Profile.publishedEncoder: Claim.Condition
    get() {
        val found = "p = $classes, $layers layers, width $width"
        return Claim.Condition(PUBLISHED_ENCODER, found == PUBLISHED_ENCODER, "$found ($name profile)")
    }

private const val PUBLISHED_ENCODER = "p = 97, 2 layers, width 128"

/** A handle on the accuracy on all pairs of both sets. */
class PairAccuracyHandle internal constructor(measure: PairAccuracy) : MeasureHandle(measure)

/** Exact accuracy and loss on both sets, norm of the weights and of the latest gradient, [count] times per run. */
fun pairAccuracy(count: Int): PairAccuracyHandle = PairAccuracyHandle(PairAccuracy(Cadence.times(count)))

/** A handle on what decay alone does to a path. */
class DecayHandle internal constructor(measure: DecayControls) : MeasureHandle(measure)

/** PC1 of the path, of the path without its component along w_0, of its gradient part, and of decay alone. */
fun decayControls(of: WeightGroup = attention, snapshots: Int): DecayHandle =
    DecayHandle(DecayControls(SnapshotPlan.of(of, snapshots)))

/** One of the paths of [decayControls]. */
class DecayPath internal constructor(internal val label: String) {
    override fun toString() = label
}

/** The path as it is. */
val wholePath = DecayPath(DecayControls.MEASURED)

/** The path without its component along the initial weights. */
val startRemoved = DecayPath(DecayControls.START_REMOVED)

/** The path of the steps that decay didn't take. */
val gradientPart = DecayPath(DecayControls.GRADIENT_PART)

/** PC1 share of a path, mean over the blocks, per seed; its nulls are walks of the same step lengths. */
fun Runs.pc1(handle: DecayHandle, path: DecayPath = wholePath): Measured {
    fun series(name: String) =
        perSeed("PC1 share, $path", decayRows(handle, path.label, DecayControls.PC1, name)) { it.mean("value") }
    return Measured(series(DecayControls.PATH)) { walk -> series(walk.label) }
}

/** How far [pc1] lies above the uncorrelated walk, in points of share, per seed. */
fun Runs.pc1Excess(handle: DecayHandle, path: DecayPath = wholePath): Measured =
    pc1(handle, path).let {
        val excess = it.values.minus(it.under(uncorrelatedWalk)).bySeed()
        plainly(SeedValues.of("${it.values.label()} minus that of an uncorrelated walk", excess))
    }

/** Share of |w_T - w_0|^2 along the initial weights, mean over the blocks, per seed. */
fun Runs.startShare(handle: DecayHandle): Measured =
    plainly(
        perSeed(
            "share of the displacement along w_0",
            decayRows(handle, DecayControls.MEASURED, DecayControls.START_SHARE, DecayControls.PATH),
        ) {
            it.mean("value")
        }
    )

internal fun Runs.decayRows(handle: DecayHandle, path: String?, statistic: String, series: String?): Table =
    table(handle).where {
        (path == null || it.text("path") == path) &&
            it.text("statistic") == statistic &&
            (series == null || it.text("series") == series)
    }

/** PC1 of the whole path less that of its first snapshots, mean over blocks, per seed. */
fun Runs.pc1Growth(spectrum: SpectrumHandle): Measured =
    plainly(
        perSeed("PC1 share at the end minus that of the first window", spectrumRows(spectrum.pc1Share, "measured")) {
            table ->
            table
                .rows()
                .groupBy { it.text("block") }
                .values
                .map { rows ->
                    val ordered = rows.sortedBy { it.number("snapshots") }
                    ordered.last().number("value") - ordered.first().number("value")
                }
                .average()
        }
    )

/** One of the two sets of pairs. */
internal fun Runs.setRows(handle: PairAccuracyHandle, part: PairTask.Part): Table =
    table(handle).where { it.text("set") == part.label() }

/** The step of generalisation by a rule, per seed; undefined (NaN) in a run that never gets there. */
fun Runs.grokStep(handle: PairAccuracyHandle, rule: GrokRule): Measured =
    plainly(perSeed("step, ${rule.words}", setRows(handle, PairTask.Part.TEST)) { step(it, rule) })

internal val GrokRule.words: String
    get() =
        when (this) {
            GrokRule.THREE_AT_98 -> "three evaluations at .98"
            GrokRule.FIRST_AT_98 -> "first at .98"
            GrokRule.FIRST_AT_90 -> "first at .90"
        }

private fun step(rows: Table, rule: GrokRule): Double {
    val ordered = rows.rows().sortedBy { it.number("step") }
    val steps = LongArray(ordered.size) { ordered[it].number("step").toLong() }
    val accuracy = DoubleArray(ordered.size) { ordered[it].number("accuracy") }
    return rule.step(steps, accuracy).let { if (it.isPresent) it.asLong.toDouble() else Double.NaN }
}

/** The condition that every run of these generalised: three evaluations in a row at .98. */
fun grokked(runs: Runs, handle: PairAccuracyHandle): Claim.Condition {
    val steps = runs.grokStep(handle, GrokRule.THREE_AT_98).values.values()
    val there = steps.count { it.isFinite() }
    return Claim.Condition(
        "every seed groks (three evaluations at .98)",
        there == steps.size,
        "$there of ${steps.size}",
    )
}

/**
 * A signal that fires once in a run.
 *
 * @property name label in tables and figures
 */
class Detector
internal constructor(
    val name: String,
    private val rows: (Runs) -> Table,
    private val fires: (List<Table.Row>) -> Double,
) {
    internal fun steps(runs: Runs): Map<Long, Double> =
        rows(runs)
            .rows()
            .groupBy { it.text("seed").toLong() }
            .mapValues { (_, run) -> fires(run.sortedBy { it.number("step") }) }

    override fun toString() = name
}

/** The published rule: median D above 10 times its first three records' median (at least .1) and above 20. */
fun defectOnset(handle: CommutatorHandle, form: Form, least: Double = 20.0): Detector =
    Detector("D, $form".replace(" float32", ""), { it.commutatorRows(handle, form.variant) }) { run ->
        val records =
            run.groupBy { it.number("step") }
                .toSortedMap()
                .map { (step, pairs) -> step to median(pairs.map { it.number("defect") }) }
        val baseline = maxOf(.1, median(records.take(3).map { it.second }))
        records.drop(2).firstOrNull { it.second > 10 * baseline && it.second > least }?.first ?: Double.NaN
    }

/** Detectors that need no geometry (control D7): train accuracy, train loss, |g| and |theta|. */
fun trivialDetectors(handle: PairAccuracyHandle): List<Detector> {
    fun first(name: String, fires: (Table.Row, List<Table.Row>) -> Boolean) =
        Detector(name, { it.setRows(handle, PairTask.Part.TRAIN) }) { run ->
            run.firstOrNull { fires(it, run) }?.number("step") ?: Double.NaN
        }
    return listOf(
        first("train acc. .99") { row, _ -> row.number("accuracy") >= .99 },
        first("loss / 10") { row, run -> row.number("loss") <= .1 * run.first().number("loss") },
        first("|g| / 5") { row, run ->
            row.number("gradient_norm") <=
                .2 *
                    run.filter { it.number("step") <= row.number("step") }
                        .maxOf { g -> g.number("gradient_norm").takeIf { it.isFinite() } ?: 0.0 }
        },
        first("|theta| / 2") { row, run -> row.number("weight_norm") <= .5 * run.first().number("weight_norm") },
    )
}

/** How many steps a detector fires before test accuracy .90, per seed; undefined where either never happens. */
fun Runs.lead(detector: Detector, handle: PairAccuracyHandle): Measured {
    val fired = detector.steps(this)
    val groks = grokStep(handle, GrokRule.FIRST_AT_90).values.bySeed()
    return plainly(
        SeedValues.of(
            "steps from '$detector' to test accuracy .90",
            TreeMap(groks.mapValues { (seed, step) -> step - (fired[seed] ?: Double.NaN) }),
        )
    )
}

/** [lead] as a share of the step of test accuracy .90, per seed, dimensionless. */
fun Runs.leadShare(detector: Detector, handle: PairAccuracyHandle): Measured {
    val groks = grokStep(handle, GrokRule.FIRST_AT_90).values.bySeed()
    val shares = lead(detector, handle).values.bySeed().mapValues { (seed, lead) -> lead / groks.getValue(seed) }
    return plainly(SeedValues.of("lead of '$detector' over the step of test accuracy .90", TreeMap(shares)))
}

/** Share of moments whose median D is exactly 0, per seed: there the difference of two float32 vectors vanishes. */
fun Runs.zeroDefects(handle: CommutatorHandle, form: Form): Measured =
    plainly(
        perSeed("share of moments with D = 0 ($form)", commutatorRows(handle, form.variant)) { rows ->
            val moments = rows.rows().groupBy { it.number("step") }.values
            moments.count { pairs -> median(pairs.map { it.number("defect") }) == 0.0 }.toDouble() / moments.size
        }
    )

/** 1 where a detector fires, 0 where it doesn't, per seed: on a task that is not generalised, its false positives. */
fun Runs.fired(detector: Detector): Measured {
    val steps = detector.steps(this)
    return plainly(
        SeedValues(
            "share of runs in which '$detector' fires",
            Scale.OUTCOME,
            TreeMap(seeds.associateWith { if (steps[it]?.isFinite() == true) 1.0 else 0.0 }),
        )
    )
}

/** Largest median D of a moment, over those before test accuracy .5 or over all, per seed. */
fun Runs.largestDefect(
    handle: CommutatorHandle,
    accuracy: PairAccuracyHandle,
    form: Form,
    onlyBefore: Boolean = false,
): Measured {
    val half =
        setRows(accuracy, PairTask.Part.TEST)
            .rows()
            .groupBy { it.text("seed") }
            .mapValues { (_, rows) ->
                rows.sortedBy { it.number("step") }.firstOrNull { it.number("accuracy") >= .5 }?.number("step")
                    ?: Double.POSITIVE_INFINITY
            }
    return plainly(
        perSeed("largest median D ($form)", commutatorRows(handle, form.variant)) { rows ->
            rows
                .rows()
                .filter { !onlyBefore || it.number("step") < half.getValue(it.text("seed")) }
                .groupBy { it.number("step") }
                .values
                .maxOf { pairs -> median(pairs.map { it.number("defect") }) }
        }
    )
}

/** D of the first moment, median over pairs, per seed: untrained weights. */
fun Runs.firstDefect(handle: CommutatorHandle, form: Form): Measured =
    plainly(
        perSeed("median D at step 0 ($form)", commutatorRows(handle, form.variant)) { rows ->
            median(rows.rows().filter { it.number("step") == 0.0 }.map { it.number("defect") })
        }
    )

/** The measured value over another one, seed by seed. */
infix fun Measured.over(other: Measured): Measured = other growingTo this
