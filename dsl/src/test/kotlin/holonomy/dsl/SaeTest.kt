package holonomy.dsl

import holonomy.Nightly
import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter

/** A profile of seconds. */
private val seconds =
    tiny.copy(
        task = tiny.task.copy(length = 7, vocabulary = 16, classes = 2, firstMarker = 4, reservedMarkers = 2),
        snapshots = 5,
    )

private val often = accuracy(5, 64)

private fun declaredHere(block: ExperimentScope.(Runs) -> Unit): Experiment {
    val declarations = Declarations(Invocation())
    return Declarations.collecting(declarations) {
        experiment("tiny", question = "Does it work?", study = "tests") {
            block(
                train(seconds.attentionOnly, listOf(seconds.mainTask), seconds.seeds) {
                    measure(often)
                    snapshot(everyWeight, count = 5)
                }
            )
        }
    }
}

private class SaeBench(private val folder: File) {
    fun execute(experiment: Experiment, dryRun: Boolean = false): Pair<Int, String> {
        val text = StringWriter()
        val display = SilentDisplay(PrintWriter(text), quiet = false)
        val options =
            RunOptions(
                Invocation(),
                1,
                folder.resolve("runs").toPath(),
                folder.resolve("out").toPath(),
                null,
                dryRun,
                display,
            ) {
                it
            }
        return Laboratory().execute(listOf(experiment), options) to text.toString()
    }

    fun text(path: String) = folder.resolve("out/quick/tiny/$path").readText()
}

class SaeTest :
    FreeSpec({
        val recipe = SparseRecipe(topK(2), latents = 12, steps = 30, activations = 400, batch = 16, learningRate = 1e-3)
        val edits = ablation(chosen = 2, counts = listOf(4), randomSets = 2, heldOut = 32)

        "planned, computed after the runs, drawn, and all in the store the second time"
            .config(tags = setOf(Nightly)) {
                val bench = SaeBench(tempdir())
                fun experiment() = declaredHere { runs ->
                    val place = afterLayer(0)
                    val sae =
                        sparseAutoencoders(
                            runs,
                            listOf(afterSteps(5), endOfTraining),
                            listOf(place, afterLayer(1)),
                            recipe,
                            edits,
                        )
                    val probes = linearProbes(runs, listOf(endOfTraining), trained = 256, tested = 128)
                    figure("by-stage") { ablationByStage(sae) }
                    figure("curve") { ablationCurve(sae) }
                    figure("spectrum") { correlationSpectrum(sae, place) }
                    figure("training") { autoencoderTraining(sae, place) }
                    figure("probes") { probeAccuracyByLayer(probes) }
                    figure("overlap") { probeOverlapByLayer(probes) }
                    claim("drop", "here", "none") {
                        (sae.drop(mostVariable, endOfTraining, place) isAtMost .5).below(
                            sae.drop(allLatents, endOfTraining, place)
                        )
                    }
                    claim("correlated", "here", "none") {
                        sae.latentsAbove(.2, markerCount, endOfTraining, place) isWithin 0.0..12.0
                    }
                    claim("order", "here", "none") {
                        probes.firstLayer(markerCount, endOfTraining) -
                            probes.firstLayer(sequenceLabel, endOfTraining) isAtMost .5
                    }
                }
                val planned = bench.execute(experiment(), dryRun = true).second
                planned shouldContain
                    "autoencoder (top 2) after layer 1, value tokens, end: attention-only, sum modulo 2, m 1..2, seed 2  to compute once its run is there"
                planned shouldContain "10 derived results: 0 in the store, 10 to compute"
                val (exit, said) = bench.execute(experiment())
                exit shouldBe ExitCode.DONE
                said shouldContain "10 derived results: 0 in the store, 10 to compute"
                said shouldContain "tiny: 6 figures in "
                bench.text("by-stage.csv") shouldContain "2 most variable, no error"
                bench.text("by-stage.json") shouldContain "An edit after layer 1, value tokens can reach"
                bench.text("claims.json") shouldContain
                    "latents with |r| of at least 0.200, m after layer 0, value tokens"
                bench.execute(experiment()).second shouldContain "10 derived results: all in the store"
                bench.execute(experiment(), dryRun = true).second shouldContain
                    "10 derived results: 10 in the store, 0 to compute"
            }

        "fewer activations than latents: a warning in the output and in the figure's subtitle" {
            val bench = SaeBench(tempdir())
            val few = recipe.copy(latents = 48, activations = 40)
            val (exit, said) =
                bench.execute(
                    declaredHere { runs ->
                        val sae = sparseAutoencoders(runs, listOf(endOfTraining), listOf(afterLayer(0)), few, edits)
                        figure("by-stage") { ablationByStage(sae) }
                    }
                )
            exit shouldBe ExitCode.DONE
            said shouldContain
                "warning: autoencoder (top 2) after layer 0, value tokens, end: attention-only, sum modulo 2, m 1..2, seed 1: fewer activations (40) than latents (48)"
            bench.text("by-stage.svg") shouldContain "fewer activations (40) than"
        }

        "a stage that no run reached: said once per run, the rest goes on, the exit code tells" {
            val bench = SaeBench(tempdir())
            val (exit, said) =
                bench.execute(
                    declaredHere { runs ->
                        val sae =
                            sparseAutoencoders(runs, listOf(reaches(.999, often)), listOf(afterLayer(0)), recipe, edits)
                        figure("by-stage") { ablationByStage(sae) }
                        figure("accuracy") { accuracyOverSteps(runs, often) }
                    }
                )
            exit shouldBe ExitCode.RUN_FAILED
            said shouldContain "seed 1: stage 'accuracy 0.999': the run ("
            said shouldContain "tiny: figure 'by-stage': stage 'accuracy 0.999': the run ("
            said shouldContain "tiny: 1 figure in "
            said shouldNotContain "bug"
        }

        "a stage that was not reached is said in the subtitle, and claims about it are undefined, not zero" {
            val bench = SaeBench(tempdir())
            val (exit, said) =
                bench.execute(
                    declaredHere { runs ->
                        val never = reaches(.999, often)
                        val sae =
                            sparseAutoencoders(runs, listOf(never, endOfTraining), listOf(afterLayer(0)), recipe, edits)
                        figure("by-stage") { ablationByStage(sae) }
                        claim("drop", "here", "none") { sae.drop(mostVariable, never, afterLayer(0)) isAtMost .5 }
                    }
                )
            exit shouldBe ExitCode.DONE
            said shouldContain "seed 1: stage 'accuracy 0.999': the run ("
            said shouldContain "inconclusive: the value is undefined in seeds 1, 2"
            bench.text("by-stage.svg") shouldContain "not reached: accuracy 0.999 (seed 1), accuracy 0.999 (seed 2)"
        }

        "errors, before anything is trained" -
            {
                "a layer that doesn't exist" {
                    shouldThrow<UserError> {
                            declaredHere {
                                sparseAutoencoders(it, listOf(endOfTraining), listOf(afterLayer(2)), recipe)
                            }
                        }
                        .message shouldBe "site: the model has no residual at layer 2; expected -1..1"
                }
                "k above the number of latents" {
                    shouldThrow<UserError> { recipe.copy(sparsity = topK(13)) }.message shouldBe
                        "sparse probe: expected k of at most the number of latents (12), found k = 13; use a smaller k or more latents"
                }
                "no snapshots of every weight" {
                    shouldThrow<UserError> {
                            Declarations.collecting(Declarations(Invocation())) {
                                experiment("tiny", question = "?") {
                                    val runs =
                                        train(seconds.attentionOnly, listOf(seconds.mainTask), seconds.seeds) {
                                            measure(often)
                                        }
                                    sparseAutoencoders(runs, listOf(endOfTraining), listOf(afterLayer(0)), recipe)
                                }
                            }
                        }
                        .message shouldBe
                        "sparse autoencoders: the runs keep no snapshots of every weight; add snapshot(everyWeight, count = ...) to train { }"
                }
            }
    })
