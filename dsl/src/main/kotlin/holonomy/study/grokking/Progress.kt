package holonomy.study.grokking

import holonomy.data.Table
import holonomy.dsl.Arm
import holonomy.dsl.MeasureHandle
import holonomy.dsl.Measured
import holonomy.dsl.PathNull
import holonomy.dsl.Runs
import holonomy.dsl.everyWeight
import holonomy.dsl.ofPath
import holonomy.dsl.plain
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.measure.FourierProgress
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.statistic.FourierNumbers
import holonomy.statistic.FourierNumbers.Loss
import holonomy.statistic.RunNumber
import holonomy.task.PairTask.Part.TEST
import holonomy.task.PairTask.Part.TRAIN

/** A handle on how far a network adds by waves. */
class FourierHandle internal constructor(measure: FourierProgress) : MeasureHandle(measure) {
    internal val numbers = FourierNumbers(measure)
}

/**
 * Fourier progress measures of the sum modulo a prime (arXiv 2301.05217): energy by frequency, restricted and excluded
 * loss. The key frequencies are chosen on every second of [snapshots] copies of all weights, and judged on the others.
 *
 * @param held share of the waves' energy that the key frequencies hold where they are chosen
 * @param draws sets of as many random frequencies, the null
 */
fun fourierProgress(snapshots: Int, held: Double = .95, draws: Int = 8): FourierHandle =
    FourierHandle(FourierProgress(SnapshotPlan.of(everyWeight, snapshots), held, draws))

/** [encoder] with MLPs of four times the width, as arXiv 2301.05217 has them. */
val PairProfile.wideEncoder: Arm
    get() = encoder.copy(hidden = 4 * width)

/** As many frequencies as are key ones, drawn from all: the null of [fourierProgress]. */
val randomFrequencies = PathNull(FourierProgress.RANDOM)

/** The network before its first step. */
val untrainedNetwork = PathNull("untrained network")

/** Part of the network in which waves are looked for. */
class WavesOf internal constructor(internal val statistic: String)

/** The logits on all pairs, as a function of the sum. */
val wavesOfLogits = WavesOf(FourierProgress.LOGITS)

/** The token embedding, as a function of the residue. */
val wavesOfEmbedding = WavesOf(FourierProgress.EMBEDDING)

/**
 * A loss by which the phases of grokking are told; it has fallen where it is at most half of that of guessing, ln p.
 */
class ProgressLoss internal constructor(internal val loss: Loss)

/** The loss on training pairs: it falls in memorisation. */
val trainLoss = ProgressLoss(Loss(FourierProgress.LOSS, TRAIN))

/** The loss on test pairs: it falls in cleanup. */
val testLoss = ProgressLoss(Loss(FourierProgress.LOSS, TEST))

/** The loss on test pairs of the key frequencies' waves alone: it falls as the circuit forms. */
val restrictedLoss = ProgressLoss(Loss(FourierProgress.RESTRICTED, TEST))

/** The loss on training pairs without the key frequencies' waves: it rises as the circuit takes over. */
val excludedLoss = ProgressLoss(Loss(FourierProgress.EXCLUDED, TRAIN))

/** A number of the key frequencies; it has a value under one null and no other. */
private fun Runs.measuredBeside(known: PathNull, number: (String) -> RunNumber): Measured =
    ofPath(FourierProgress.KEY) { series ->
        if (series != FourierProgress.KEY && series != known.label)
            plain(number(FourierProgress.KEY).of(this)).under(PathNull(series))
        number(series)
    }

/** A loss at the end over that of guessing, ln p, per seed; dimensionless. Its null is [randomFrequencies]. */
fun Runs.lossOverGuessing(handle: FourierHandle, of: ProgressLoss): Measured =
    measuredBeside(randomFrequencies) { handle.numbers.atEnd(of.loss, it) }

/** Share of the variance that the key frequencies hold at the end, per seed; its null is [randomFrequencies]. */
fun Runs.keyShare(handle: FourierHandle, of: WavesOf): Measured =
    measuredBeside(randomFrequencies) { handle.numbers.keyShare(of.statistic, it) }

/** How many frequencies hold most of the waves' energy in the logits, per seed; its null is [untrainedNetwork]. */
fun Runs.frequenciesUsed(handle: FourierHandle): Measured =
    measuredBeside(untrainedNetwork) { handle.numbers.frequencies(it == FourierProgress.KEY) }

/**
 * How long before [over] a loss has fallen, as a share of the step at which [over] has, per seed; one that never falls
 * counts with the last moment. Its null is [randomFrequencies].
 */
fun Runs.lead(handle: FourierHandle, of: ProgressLoss, over: ProgressLoss): Measured =
    measuredBeside(randomFrequencies) { handle.numbers.lead(of.loss, over.loss, it) }

/**
 * How far the excluded loss has risen above its least value while the test loss is still high, per seed; nats. Its null
 * is [randomFrequencies].
 */
fun Runs.excludedRise(handle: FourierHandle): Measured =
    measuredBeside(randomFrequencies) { handle.numbers.excludedRise(it) }

/** Loss, restricted and excluded loss over steps, a panel each, beside those of random frequencies. */
fun progressOverSteps(runs: Runs, handle: FourierHandle, caption: String = ""): Figure {
    val shown = listOf(trainLoss, testLoss, restrictedLoss, excludedLoss).map { it.loss }
    // One after the other: so the panels stand in this order.
    fun rows(series: String, of: List<Loss>) = Table.concat(of.map { handle.numbers.rows(runs, series, listOf(it)) })
    val p = runs.tasks.first().classes()
    return lines(
            name = "progress",
            title = "Loss, and what the key frequencies make of it, modulo $p",
            table = rows(FourierProgress.KEY, shown),
            x = Axis.STEP,
            y = Axis(Measure.VALUE.name(), "loss", "nats", log = true),
            colour = Measure.SET.name(),
            facet = Facet(Measure.STATISTIC.name(), 3),
            nulls = listOf(Null(randomFrequencies.label, rows(randomFrequencies.label, shown.drop(2)), "value")),
            references = listOf(Reference(FourierNumbers.guessing(p), "guessing, ln p")),
            legend = "pairs",
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Share of the variance that the key frequencies hold in logits and embedding, beside as many random ones. */
fun keyShareOverSteps(runs: Runs, handle: FourierHandle, caption: String = ""): Figure {
    fun rows(series: String) =
        Table.concat(
            listOf(wavesOfLogits, wavesOfEmbedding).map { handle.numbers.keyShares(runs, it.statistic, series) }
        )
    return lines(
            name = "key-share",
            title = "Share of the variance in the key frequencies",
            table = rows(FourierProgress.KEY),
            x = Axis.STEP,
            y = Axis(Measure.VALUE.name(), "share", possible = 0.0..1.0),
            facet = Facet(Measure.STATISTIC.name(), 2),
            nulls = listOf(Null(randomFrequencies.label, rows(randomFrequencies.label), "value")),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Share of each frequency in the logits' waves by its rank, beside the untrained network's: how few it uses. */
fun frequenciesByRank(runs: Runs, handle: FourierHandle, caption: String = ""): Figure =
    lines(
            name = "frequencies-by-rank",
            title = "Energy of the logits' waves by frequency, largest first",
            table = handle.numbers.ranked(runs, true),
            x = Axis("rank", "rank of the frequency"),
            y = Axis(Measure.VALUE.name(), "share of the waves' energy", possible = 0.0..1.0),
            nulls = listOf(Null(untrainedNetwork.label, handle.numbers.ranked(runs, false), "value")),
            caption = caption,
        )
        .with(sources = runs.ids)
