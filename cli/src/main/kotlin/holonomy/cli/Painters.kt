package holonomy.cli

import java.io.PrintWriter

/** Bars that are redrawn in place at the foot of a terminal; every redraw is one write, so nothing flickers. */
internal class BarPainter(private val out: PrintWriter, private val width: () -> Int) : Painter {
    override val tellsEnds = false
    private var shown = emptyList<String>()
    private var left = false

    override fun paint(state: BoardState) {
        if (left) return
        val training = state.active.isNotEmpty() || state.ended < state.expected
        draw(if (training) barLines(state, width() - 1) else emptyList(), "")
    }

    override fun line(text: String) = draw(shown, "$text$CLEAR_TO_EOL\n")

    override fun leave() {
        draw(emptyList(), "")
        left = true
    }

    private fun draw(lines: List<String>, above: String) {
        if (shown.isEmpty() && lines.isEmpty() && above.isEmpty()) return
        val up = if (shown.isNotEmpty()) "$ESC[${shown.sumOf(::rows)}A\r" else ""
        val body = lines.joinToString("") { "$it$CLEAR_TO_EOL\n" }
        val cursor = if (lines.isEmpty()) SHOW_CURSOR + WRAP else HIDE_CURSOR + NO_WRAP
        out.print(up + WRAP.takeIf { above.isNotEmpty() }.orEmpty() + above + cursor + body + CLEAR_BELOW)
        out.flush()
        shown = lines
    }

    /** Rows that a line takes now: a terminal made narrower has wrapped it. */
    private fun rows(line: String): Int = maxOf(1, (line.length + width() - 1) / width())

    private companion object {
        const val ESC = "\u001b"
        const val CLEAR_TO_EOL = "$ESC[K"
        const val CLEAR_BELOW = "$ESC[J"
        const val HIDE_CURSOR = "$ESC[?25l"
        const val SHOW_CURSOR = "$ESC[?25h"
        const val NO_WRAP = "$ESC[?7l"
        const val WRAP = "$ESC[?7h"
    }
}

/** Plain lines for files, pipes and CI: one per run in progress and one over all, each time the board is painted. */
internal class LinePainter(private val out: PrintWriter) : Painter {
    override val tellsEnds = true
    private var left = false

    override fun paint(state: BoardState) {
        if (left || state.active.isEmpty()) return
        state.active.forEach { out.println("${it.label}: ${runFigures(it).replace(Regex(" +"), " ")}") }
        out.println(overallLine(state))
        out.flush()
    }

    override fun line(text: String) {
        out.println(text)
        out.flush()
    }

    override fun leave() {
        out.flush()
        left = true
    }
}
