package holonomy.dsl

import holonomy.data.UserError
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import holonomy.study.markers.markedSum
import holonomy.train.AdamW
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith

private fun declared(invocation: Invocation = Invocation(), block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(invocation)) { experiment("one", "Why?", study = "a study", block = block) }

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

class ExperimentTest :
    FreeSpec({
        "an experiment is a value that can be printed before anything is trained" {
            val one = declared {
                val runs = train(tiny.attentionOnly, listOf(tiny.mainTask), tiny.seeds) { snapshot(attention, 5) }
                figure("picture") { accuracyOverSteps(runs, accuracy(5)) }
            }
            one.toString() shouldBe "experiment 'one': Why?; 2 runs, 1 figure, 0 claims"
            one.requests.map { it.label() } shouldBe
                listOf("attention-only, sum modulo 4, m 1..2, seed 1", "attention-only, sum modulo 4, m 1..2, seed 2")
        }

        "a run that two train blocks want is one request with the measures of both" {
            val one = declared {
                repeat(2) { i ->
                    train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1)) { measure(accuracy(3 + i)) }
                }
            }
            one.requests.single().measures().size shouldBe 2
        }

        "settings depart from the profile" {
            val changed =
                tiny.with(mapOf("width" to "32", "learningRate" to "2e-3", "markers" to "1..3", "steps" to "7"))
            changed.attentionOnly.width shouldBe 32
            changed.task.markers shouldBe 1..3
            changed.attentionOnly.training.steps() shouldBe 7
            (changed.attentionOnly.training.optimizer() as AdamW).learningRate() shouldBe 2e-3
        }

        "errors" -
            {
                "two figures of one name" {
                    mistake {
                        declared {
                            val runs = train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1)) {}
                            repeat(2) { figure("same") { accuracyOverSteps(runs, accuracy(5)) } }
                        }
                    } shouldBe "experiment 'one': two figures are named 'same'; give the second one another name"
                }
                "a name that can't be a folder" {
                    mistake { experiment("../up", "Why?") {} } shouldBe
                        "experiment '../up': expected a name of lower-case letters, digits and '-' (it becomes a folder's name)"
                }
                "a seed twice" {
                    mistake { declared { train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1, 1)) {} } } shouldBe
                        "experiment 'one': seed 1 is listed twice; each seed is one run"
                }
                "two points of one identity" {
                    mistake {
                        declared {
                            train(tiny.attentionOnly, listOf(tiny.mainTask, tiny.markedSum(1..2)), listOf(1)) {}
                        }
                    } shouldBe
                        "experiment 'one': two points of the sweep are the same run (attention-only, sum modulo 4, m 1..2, seed 1); remove one of them"
                }
                "numbers read while declaring" {
                    mistake {
                        declared { train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1)) {}.seeds }
                    } shouldBe
                        "a run's numbers were read while the experiment was being declared; read them inside figure { } or claim { }"
                }
                "claims of no study" {
                    mistake {
                        Declarations.collecting(Declarations(Invocation())) {
                            experiment("one", "Why?") { claim("it is", "ours", "none") { error("not judged") } }
                        }
                    } shouldBe
                        "experiment 'one': 1 claim without a family; say which study they are part of, " +
                            "experiment(\"one\", study = \"...\"), the same words in each of its experiments: claims that " +
                            "are tried together are judged together"
                }
                "a control character where text will be shown" {
                    fun text(where: String) =
                        "$where has a control character, U+0007 at position 5 of 'ding\uFFFD'; leave it out"
                    val bell = "ding\u0007"
                    mistake { experiment("one", bell) {} } shouldBe text("experiment 'one': the question")
                    mistake { declared { claim(bell, "ours", "none") { error("not judged") } } } shouldBe
                        text("experiment 'one': a claim")
                    mistake {
                        declared { train(tiny.attentionOnly.copy(name = bell), listOf(tiny.mainTask), listOf(1)) {} }
                    } shouldBe
                        "experiment 'one': the name of a run has a control character, U+0007 at position 5 of " +
                            "'ding\uFFFD, sum modulo 4, m 1..2, seed 1'; leave it out"
                }
                "a setting that no memory holds" {
                    mistake { tiny.with(mapOf("markers" to "1..2000000000")) } shouldBe
                        "--set markers: expected a range such as 1..4, of at most 1000 values, found '1..2000000000'"
                    mistake { tiny.with(mapOf("learningRate" to "1e999")) } shouldBe
                        "--set learningRate: expected a number, found '1e999'"
                    mistake {
                        declared {
                            val large = tiny.with(mapOf("batch" to "2000000000"))
                            train(large.attentionOnly, listOf(large.mainTask), listOf(1)) {}
                        }
                    }!! shouldStartWith
                        "run: a batch of 2000000000 sequences of 12 tokens has 24000000000 tokens, expected at most 2147483647; " +
                            "it would take at least "
                }
                "an unknown setting, with the nearest" {
                    mistake { tiny.with(mapOf("widht" to "3")) } shouldBe
                        "--set widht=3: no such key; expected one of batch, classes, evaluations, firstMarker, heads, heldOut, layers," +
                            " learningRate, length, markers, reservedMarkers, snapshots, steps, vocabulary, warmup, weightDecay, width." +
                            " Did you mean 'width'?"
                }
                "a setting of the wrong kind" {
                    mistake { tiny.with(mapOf("width" to "wide")) } shouldBe
                        "--set width: expected a whole number, found 'wide'"
                }
                "snapshots that are too few for a spectrum" {
                    mistake { trajectorySpectrum(snapshots = 2) } shouldBe
                        "trajectory spectrum: expected at least 3 snapshots, found 2"
                }
                "a task these runs don't have" {
                    mistake {
                        declared {
                            train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1)) {}.of(tiny.markedSum(1..1))
                        }
                    } shouldBe
                        "these runs have no task 'sum modulo 4, m = 1'; they have attention-only, sum modulo 4, m 1..2, seed 1"
                }
            }
    })
