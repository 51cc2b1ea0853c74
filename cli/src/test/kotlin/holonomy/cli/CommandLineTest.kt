package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.Experiment
import holonomy.dsl.VERSION
import holonomy.laboratory.ExitCode
import holonomy.laboratory.RunOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.File

class CommandLineTest :
    FreeSpec({
        val root = tempdir()
        val cores = Runtime.getRuntime().availableProcessors()
        val asked = mutableListOf<Pair<List<Experiment>, RunOptions>>()
        var answer: () -> Int = { ExitCode.DONE }
        val carryOut: CarryOut = { experiments, options ->
            asked += experiments to options
            answer()
        }

        val commands = Commands(root.toPath(), carryOut)

        fun holonomy(vararg arguments: String): Outcome {
            asked.clear()
            return commands(*arguments)
        }

        fun script(name: String, text: String) =
            File(root, "experiments/$name.main.kts").apply {
                parentFile.mkdirs()
                writeText(text)
            }

        val collapse = script("collapse", "holonomy.dsl.experiment(\"collapse\", \"Does it?\") {}\n")
        script("geometry", "holonomy.dsl.experiment(\"geometry\", \"Is it?\") {}\n")

        "run" -
            {
                "hands the declared experiments and the options to the lab" {
                    holonomy(
                            "run",
                            collapse.path,
                            "--profile",
                            "paper",
                            "--seeds",
                            "0..4",
                            "--set",
                            "width=64",
                            "--workers",
                            "3",
                            "--store",
                            "$root/s",
                        )
                        .code shouldBeExactly 0
                    val (experiments, options) = asked.single()
                    experiments.map { it.name } shouldContainExactly listOf("collapse")
                    options.invocation.profile shouldBe "paper"
                    options.invocation.seeds shouldBe listOf(0L, 1L, 2L, 3L, 4L)
                    options.invocation.settings shouldBe mapOf("width" to "64")
                    options.workers shouldBe 3
                    options.store shouldBe File(root, "s").toPath()
                    options.out shouldBe File(root, "out").toPath()
                    options.publish shouldBe null
                }
                "takes a script of experiments/ by name, and several at once" {
                    holonomy("run", "collapse", "geometry").code shouldBeExactly 0
                    asked.single().first.map { it.name } shouldContainExactly listOf("collapse", "geometry")
                }
                "seeds until decided: the budget, and the same scripts with other seeds" {
                    holonomy("run", "collapse", "--until-decided", "--budget", "1h30m").code shouldBeExactly 0
                    val until = asked.single().second.until!!
                    until.budget shouldBe 5400.0
                    until.declare(listOf(1, 2)).map { it.name } shouldContainExactly listOf("collapse")
                    holonomy("run", "collapse").code shouldBeExactly 0
                    asked.single().second.until shouldBe null
                    mapOf("2h" to 7200.0, "90m" to 5400.0, "45s" to 45.0).forEach { (text, seconds) ->
                        budgetOf(text) shouldBe seconds
                    }
                    listOf("2", "h", "0m", "two hours", "").forEach { text ->
                        shouldThrow<UserError> { budgetOf(text) }.message shouldBe
                            "--budget: expected a time such as 2h, 90m or 1h30m, found '$text'"
                    }
                    holonomy("run", "collapse", "--budget", "2h").err shouldContain
                        "--budget: only --until-decided has one; add --until-decided, or leave it out"
                }
                "returns the lab's exit code" {
                    answer = { ExitCode.RUN_FAILED }
                    holonomy("run", "collapse").code shouldBeExactly 3
                    answer = { ExitCode.DONE }
                }
                "reports a mistake that the lab finds" {
                    answer = { throw UserError("width: expected a multiple of heads = 4, found 6") }
                    val outcome = holonomy("run", "collapse")
                    outcome.code shouldBeExactly 2
                    outcome.err shouldBe "holonomy: width: expected a multiple of heads = 4, found 6\n"
                    answer = { ExitCode.DONE }
                }
                "calls anything else a bug and says where the trace is" {
                    answer = { error("broken invariant") }
                    val outcome = holonomy("run", "collapse")
                    outcome.code shouldBeExactly 1
                    outcome.err shouldStartWith
                        "holonomy: a bug of ours: java.lang.IllegalStateException: broken invariant\nThe trace is at the end of"
                    answer = { ExitCode.DONE }
                }
            }

        "mistakes end in 2, name the nearest, and train nothing" -
            {
                listOf(
                        listOf("rnu", "x") to
                            "holonomy: unknown command 'rnu'; there are run, figures, runs, show, watch, query, export, analyse, verify, diff, rm, gc, site, doctor, test, bench, package. Did you mean 'run'?\n",
                        listOf("run", "collapse", "--profle", "quick") to
                            "holonomy: unknown option '--profle'. Did you mean '--profile'?\nSee 'holonomy run --help'.\n",
                        listOf("run", "collapse", "--profile", "papr") to
                            "holonomy: --profile: expected quick, standard, paper, found 'papr'. Did you mean 'paper'?\n",
                        listOf("run", "collapse", "--device", "gpu") to
                            "holonomy: --device: expected auto, cpu, cuda, found 'gpu'.",
                        listOf("run", "colapse") to
                            "holonomy: colapse: no such script; experiments/ has collapse, geometry. Did you mean 'collapse'?\n",
                        listOf("run", "collapse", "--seeds", "4..1") to
                            "holonomy: --seeds: expected a seed, an ascending range such as 0..4, or several with commas (1,3,5), found '4..1'\n",
                        listOf("run", "collapse", "--workers", "0") to
                            "holonomy: --workers: expected a whole number from 1 to 1000, found 0; one per core is fastest, here $cores\n",
                        listOf("run", "collapse", "--workers", "2000000") to
                            "holonomy: --workers: expected a whole number from 1 to 1000, found 2000000; one per core is fastest, here $cores\n",
                        listOf("run", "collapse", "--seeds", "1..3000000000") to
                            "holonomy: --seeds: expected at most 100000 seeds, found 3000000000 in '1..3000000000'\n",
                        listOf("run", "collapse", "--seeds", "1,3,1..2") to
                            "holonomy: --seeds: seed 1 is given twice in '1,3,1..2'; each seed is one run\n",
                        listOf("run", "collapse", "--store", "") to
                            "holonomy: Invalid value for option '--store': expected a path, found nothing\n",
                        listOf("runs", "--store", " ") to
                            "holonomy: Invalid value for option '--store': expected a path, found nothing\n",
                        listOf("run", "collapse", "--sed", "1") to
                            "holonomy: unknown option '--sed'. Did you mean '--seeds'?\n",
                        listOf("run", "collapse", "--workers", "many") to
                            "holonomy: Invalid value for option '--workers': 'many' is not an int\n",
                        listOf("run") to "holonomy: Missing required parameter: 'SCRIPT'\n",
                        listOf("figures", "--only", "geomtry") to
                            "holonomy: --only: no experiment 'geomtry'; experiments/ has collapse, geometry. Did you mean 'geometry'?\n",
                    )
                    .forEach { (arguments, message) ->
                        arguments.joinToString(" ").invoke {
                            val outcome = holonomy(*arguments.toTypedArray())
                            outcome.err shouldStartWith message
                            outcome.code shouldBeExactly 2
                            asked.size shouldBeExactly 0
                        }
                    }
            }

        "a script that does not compile is shown with its place and no stack trace" {
            val wrong = script("wrong", "val a: Int = \"text\"\n")
            val outcome = holonomy("run", wrong.path)
            outcome.code shouldBeExactly 2
            outcome.err shouldContain "wrong.main.kts:1:12: "
            outcome.err shouldNotContain "\tat "
            wrong.delete()
        }
        "a script that declares nothing is a mistake" {
            val empty = script("empty", "val nothing = 1\n")
            holonomy("run", "empty").err shouldBe "holonomy: empty: no experiment(...) is declared\n"
            empty.delete()
        }

        "figures" -
            {
                "takes every script, and publishes only when asked" {
                    holonomy("figures", "--publish").code shouldBeExactly 0
                    asked.single().first.map { it.name } shouldContainExactly listOf("collapse", "geometry")
                    asked.single().second.publish shouldBe File(root, "figures").toPath()
                }
                "goes on without a script that is wrong, names it, and ends in 2" {
                    val wrong = script("broken", "val a: Int = \"text\"\n")
                    val outcome = holonomy("figures")
                    outcome.code shouldBeExactly 2
                    asked.single().first.map { it.name } shouldContainExactly listOf("collapse", "geometry")
                    outcome.err shouldContain "broken.main.kts:1:12: "
                    wrong.delete()
                }
            }

        "--help teaches and --version says which" {
            holonomy("run", "--help").out shouldContain "holonomy run collapse --profile standard --seeds 0..4"
            holonomy("--version").out shouldBe "Holonomy $VERSION\n"
            holonomy().out shouldContain "Start here:"
        }
        "seeds" {
            seedList("7") shouldBe listOf(7L)
            seedList("0..4") shouldBe listOf(0L, 1L, 2L, 3L, 4L)
            seedList("1,3, 5..6") shouldBe listOf(1L, 3L, 5L, 6L)
            seedList("3000000000") shouldBe listOf(3_000_000_000L)
            seedList("9223372036854775806..9223372036854775807").size shouldBe 2
            listOf("", "..", "1..", "a", "-1", "1-3", "1,", ",", "99999999999999999999").forEach {
                shouldThrow<UserError> { seedList(it) }
            }
        }
        "no native library for the machine" {
            shouldThrow<UserError> { requireNativeLibrary("linux-riscv64", listOf("linux-x86_64"), null) }
                .message!! shouldStartWith
                "no native PyTorch library for this machine: expected one for linux-riscv64, found linux-x86_64. "
            requireNativeLibrary("linux-riscv64", emptyList(), "/opt/libtorch/lib")
            requireNativeLibrary()
        }
    })
