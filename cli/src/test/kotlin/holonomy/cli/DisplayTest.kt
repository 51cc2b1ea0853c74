package holonomy.cli

import holonomy.laboratory.SilentDisplay
import holonomy.run.Progress.Outcome
import holonomy.text.duration
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.property.Arb
import io.kotest.property.arbitrary.double
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.io.PrintWriter
import java.io.StringWriter

private const val SECOND = 1_000_000_000L
private const val NEVER = 1_000_000L

class DisplayTest :
    FreeSpec({
        fun state(
            vararg runs: RunState,
            ended: Int = 1,
            failed: Int = 0,
            expected: Int = 4,
            present: Int = 0,
            elapsed: Double = 60.0,
        ) = BoardState(runs.toList(), ended, failed, expected, present, elapsed)
        val half = RunState("sum m=2 seed 1", step = 500, steps = 1000, loss = 0.0123, stepsPerSecond = 50.0)

        "a board in 80 columns" {
            barLines(state(half), 80) shouldContainExactly
                listOf(
                    "sum m=2 seed 1 ━━━━━────── 500/1000  loss  0.0123   50.00 steps/s      10s left",
                    "1/4 runs done, 1:00 elapsed, about 1:40 left",
                )
        }
        "no line is wider than the terminal, whatever it shows" {
            checkAll(Arb.int(1..200), Arb.string(0..60), Arb.int(0..100_000), Arb.double()) { width, label, step, loss
                ->
                val run = RunState(label, step.toLong(), 50_000, loss, loss)
                barLines(state(run, half), width).all { it.length <= width } shouldBe true
            }
        }
        "of a long label both ends are seen" {
            barLines(state(half.copy(label = "attention-only, markers 1..6, seed 12")), 60)
                .first()
                .substringBefore(" 500") shouldBe "att…d 12"
        }
        "failures are told, time left only when it can be known" {
            overallLine(state(failed = 1, ended = 2)) shouldBe "2/4 runs done, 1 failed, 1:00 elapsed, about 1:00 left"
            overallLine(state(ended = 0, elapsed = 3.0)) shouldBe "0/4 runs done, 3s elapsed"
        }
        "durations" { listOf(9.4, 125.0, 3725.0).map(::duration) shouldContainExactly listOf("9s", "2:05", "1:02:05") }

        "the speed is the mean since the run went on here" {
            var now = 0L
            val board = Board(0)
            board.start("r", ActiveRun("r", 0, fromStep = 100, steps = 300, startedAt = now))
            now = 2 * SECOND
            board.advance("r", 200, 0.5, now)
            board.snapshot(now).active.single() shouldBe RunState("r", 200, 300, 0.5, 50.0, firstStep = 100)
            board.snapshot(now).active.single().secondsLeft shouldBe 2.0
        }
        "the share counts runs that have ended and the work in progress" {
            state(half, ended = 1, expected = 3).share shouldBe 0.5
        }
        "the time left comes from what is trained here: neither from runs in the store nor from steps taken before" {
            val resumed = half.copy(step = 900, firstStep = 800)
            state(resumed, ended = 8, expected = 10, present = 8, elapsed = 30.0).share shouldBe .25
            overallLine(state(resumed, ended = 8, expected = 10, present = 8, elapsed = 30.0)) shouldBe
                "8/10 runs done, 30s elapsed, about 1:30 left"
            overallLine(state(ended = 10, expected = 10, present = 10)) shouldBe "10/10 runs done, 1:00 elapsed"
        }
        "what is derived after the training is a list of its own, with a pace of its own" {
            val board = Board(0)
            board.expect(9, 0, now = 0)
            repeat(9) { board.end("run $it", Outcome.COMPLETE) }
            board.expect(4, 1, now = 100 * SECOND)
            board.end("derived 1", Outcome.COMPLETE)
            overallLine(board.snapshot(130 * SECOND)) shouldBe "2/4 runs done, 2:10 elapsed, about 1:00 left"
        }

        "bars" -
            {
                val written = StringWriter()
                fun screen() = written.toString()
                var now = 0L
                val display =
                    BoardDisplay(
                        BarPainter(PrintWriter(written)) { 80 },
                        quiet = false,
                        periodMillis = NEVER,
                        clock = { now },
                    )
                display.expect(2, 0)
                display.started("a", "run a", 0, 0, 100)

                "are redrawn in place with the cursor hidden" {
                    display.paint()
                    screen() shouldContain "\u001b[?25l"
                    now = SECOND
                    display.advanced("a", 50, 0.25)
                    display.paint()
                    screen() shouldContain "\u001b[2A\r"
                    screen() shouldContain "50/100"
                }
                "stay below a line that is said" {
                    display.say("figure1.svg")
                    screen() shouldContain "\u001b[2A\r\u001b[?7hfigure1.svg\u001b[K\n"
                }
                "tell a failure, not a success" {
                    display.ended("a", Outcome.FAILED, "out of memory")
                    screen() shouldContain "run a: failed: out of memory"
                    display.started("b", "run b", 0, 0, 100)
                    display.ended("b", Outcome.COMPLETE, "")
                    screen().contains("run b: complete") shouldBe false
                }
                "give the cursor back at the end, and draw no more" {
                    display.close()
                    screen() shouldEndWith "\u001b[?25h\u001b[?7h\u001b[J"
                    val length = written.buffer.length
                    display.paint()
                    written.buffer.length shouldBe length
                }
            }

        "plain lines carry no control character and tell every end" {
            val written = StringWriter()
            var now = 0L
            BoardDisplay(LinePainter(PrintWriter(written)), quiet = false, periodMillis = NEVER, clock = { now }).use {
                display ->
                display.expect(2, 1)
                display.started("a", "run a", 0, 0, 100)
                now = 2 * SECOND
                display.advanced("a", 50, 0.25)
                display.paint()
                display.ended("a", Outcome.COMPLETE, "")
            }
            written.toString() shouldBe
                "run a: 50/100 loss 0.2500 25.00 steps/s 2s left\n1/2 runs done, 2s elapsed, about 2s left\nrun a: complete\n"
        }
        "--quiet keeps what is said and drops what is noted" {
            val written = StringWriter()
            SilentDisplay(PrintWriter(written), quiet = true).use {
                it.note("drawing")
                it.say("holds")
            }
            written.toString() shouldBe "holds\n"
        }
        "a terminal is interactive only where the launcher saw one and nobody asked for plain text" {
            System.setProperty("holonomy.terminal", "true")
            Terminal.detect(mapOf("TERM" to "xterm")).interactive shouldBe true
            listOf(
                    mapOf("TERM" to "dumb"),
                    mapOf(),
                    mapOf("TERM" to "xterm", "CI" to "true"),
                    mapOf("TERM" to "xterm", "NO_COLOR" to "1"),
                )
                .forEach { Terminal.detect(it).interactive shouldBe false }
            System.clearProperty("holonomy.terminal")
            Terminal.detect(mapOf("TERM" to "xterm")).interactive shouldBe false
        }
    })
