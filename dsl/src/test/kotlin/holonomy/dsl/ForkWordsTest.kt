package holonomy.dsl

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private val small = tiny.copy(steps = 20, seeds = listOf(1, 2))
private val accuracy = accuracy(small.evaluations)

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("forks", "Why?", block = block) }

private fun ExperimentScope.plain() =
    train(small.attentionOnly, on = listOf(small.mainTask), seeds = small.seeds) { measure(accuracy) }

class ForkWordsTest :
    FreeSpec({
        "a fork with the optimiser kept ends where its run ends; a fresh one is another run" {
            lateinit var runs: List<Runs>
            val experiment = declared {
                val main = plain()
                runs = listOf(main) + listOf(kept, fresh).map { fork(main, 8, 12, it) { measure(accuracy) } }
            }
            val results =
                Runner(Store.open(tempdir().toPath()), ComputeDevice.CPU, 2, Progress.NONE).run(experiment.requests) {
                    false
                }
            experiment.archive.fill(results.associate { it.request().id() to it.run().get() })
            val (main, same, other) = runs.map { of -> of.finished().map { it.second.summary()["theta"].textValue() } }
            same shouldContainExactly main
            (other + main).toSet().size shouldBe 4
            runs[1].points.map { it.arm.name } shouldContainExactly
                List(2) { "${small.attentionOnly.name}, from step 8, optimiser kept" }
        }

        "a fork can go on with the next seed's batches; splits ask for snapshots and for a run of each twin's seed" {
            fun both(block: ExperimentScope.(Runs, Runs) -> Unit) = declared {
                val main =
                    train(small.attentionOnly, on = listOf(small.mainTask), seeds = small.seeds) {
                        snapshot(everyWeight, 6)
                    }
                val twins = fork(main, 8, 12, kept, data = nextSeed, name = "apart") { snapshot(everyWeight, 6) }
                block(main, twins)
            }
            val specs = both { _, _ -> }.requests.map { it.spec() }
            specs.map { it.initSeed() to it.dataSeed() } shouldContainExactly
                listOf(1L to 1L, 2L to 2L, 1L to 2L, 2L to 1L)
            both { main, twins -> splits(main, listOf(twins), snapshots = 6, batches = 1) }.derived.size shouldBe 1
            shouldThrow<UserError> { both { main, twins -> splits(main, listOf(twins), snapshots = 5, batches = 1) } }
                .message shouldBe
                "5 snapshots of all are read, but these runs never keep them; add measure(...) of the spectrum, or snapshot(all, 5), to their train { }"
            shouldThrow<UserError> {
                    both { main, twins ->
                        splits(main.only("seed 1") { it.seed == 1L }, listOf(twins), snapshots = 6, batches = 1)
                    }
                }
                .message shouldBe
                "splits: expected one run of seed 2, whose twin is '${small.attentionOnly.name}, ${small.mainTask.label()}, seed 2, apart', found 0 runs; train it, on the same seeds"
        }

        "a fork after the run's last step is refused where it is declared" {
            shouldThrow<UserError> { declared { fork(plain(), 21, 5, kept) { measure(accuracy) } } }.message shouldBe
                "run '${small.attentionOnly.name}, ${small.mainTask.label()}, seed 1': its state is wanted after step 21; expected 0 to 20; choose one of them, or train that run longer"
        }
    })
