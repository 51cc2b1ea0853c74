package holonomy.cli

import holonomy.text.duration
import java.util.Locale
import kotlin.math.abs

/** The board as lines of at most [width] characters: a bar per run, then one line over all. */
internal fun barLines(state: BoardState, width: Int): List<String> {
    val figures = state.active.map(::runFigures)
    val figuresWidth = figures.maxOfOrNull { it.length } ?: 0
    val room = width - figuresWidth - 2
    val labelWidth = minOf(state.active.maxOfOrNull { it.label.length } ?: 0, maxOf(8, room - MIN_BAR - 1))
    val barWidth = minOf(40, room - labelWidth - 1)
    val runs =
        state.active.zip(figures) { run, text ->
            val bar = if (barWidth >= MIN_BAR) bar(run.share, barWidth) + " " else ""
            "${fitted(run.label, labelWidth)} $bar${text.padStart(figuresWidth)}"
        }
    return (runs + overallLine(state)).map { it.take(width) }
}

/** A run's step, loss, speed and time left, of steady width. */
internal fun runFigures(run: RunState): String {
    val loss = if (run.loss.isNaN()) "-" else shortNumber(run.loss)
    val left = run.secondsLeft?.let(::duration) ?: "-"
    return "${run.step}/${run.steps}  loss ${loss.padStart(7)}  ${shortNumber(run.stepsPerSecond).padStart(6)} steps/s  ${left.padStart(7)} left"
}

/** How many runs are done, how long it took, how long it will. */
internal fun overallLine(state: BoardState): String {
    val failed = if (state.failed > 0) ", ${state.failed} failed" else ""
    val left = state.secondsLeft?.let { ", about ${duration(it)} left" }.orEmpty()
    return "${state.ended}/${state.expected} runs done$failed, ${duration(state.elapsed)} elapsed$left"
}

private const val MIN_BAR = 10

private fun bar(share: Double, width: Int): String {
    val full = (share * width).toInt()
    return "━".repeat(full) + "─".repeat(width - full)
}

/** A label in [width] characters; of one that is too long both ends stay, since seeds stand at the end. */
private fun fitted(label: String, width: Int): String {
    if (label.length <= width) return label.padEnd(width)
    val tail = (width - 1) * 2 / 3
    return label.take(width - 1 - tail) + "…" + label.takeLast(tail)
}

/** A number in at most 7 characters, about 3 digits. */
internal fun shortNumber(value: Double): String =
    when {
        !value.isFinite() -> value.toString()
        value == 0.0 -> "0"
        abs(value) < 1e-3 || abs(value) >= 1e5 -> "%.0e".format(Locale.ROOT, value)
        abs(value) < 1 -> "%.4f".format(Locale.ROOT, value)
        abs(value) < 100 -> "%.2f".format(Locale.ROOT, value)
        else -> "%.0f".format(Locale.ROOT, value)
    }
