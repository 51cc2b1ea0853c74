package holonomy.run

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.UserError
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.store.spec
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.Fork
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import java.time.Duration
import java.util.Optional

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 1, 2, 8, 0)
private val plan = SnapshotPlan.of(WeightGroup.ALL, 3)
private val adam = AdamW.of(1e-2)

private fun recipe(steps: Long, optimizer: Optimizer = adam, schedule: Schedule = Schedule.warmup(12)) =
    Training(optimizer, schedule, steps, 4, 0.0)

private fun request(spec: RunSpec, label: String) =
    RunRequest(spec, label, setOf(plan), listOf(Accuracy(Cadence.times(3), 16)))

private val parent = RunSpec(task, model, recipe(20), 1)

private fun RunSpec.kept(at: Long, steps: Long) =
    forked(at, Fork.State.KEPT, task, recipe(steps, training().optimizer(), training().schedule()), dataSeed())

private fun RunSpec.fresh(at: Long, steps: Long) =
    forked(at, Fork.State.FRESH, task, recipe(steps, training().optimizer(), training().schedule()), dataSeed())

private fun run(store: Path, vararg requests: RunRequest, stop: () -> Boolean = { false }) =
    Runner(Store.open(store), ComputeDevice.CPU, 2, Progress.NONE, Duration.ofDays(1)).run(requests.toList(), stop)

private fun end(store: Path, vararg requests: RunRequest): List<String> =
    run(store, *requests).map { result ->
        check(result.outcome() == Progress.Outcome.COMPLETE) { "${result.request().label()}: ${result.cause()}" }
        result.run().get().summary()["theta"].textValue()
    }

class ForkTest :
    FreeSpec({
        "with the optimiser kept and nothing changed a fork is its parent, bit by bit, in whatever order they are asked for" {
            val store = tempdir().toPath()
            val fork = request(parent.kept(at = 10, steps = 10), "fork")
            val (forkEnd, parentEnd) = end(store, fork, request(parent, "parent").keepingState(10))
            forkEnd shouldBe parentEnd
            val theta =
                Store.open(store).find(fork.id()).get().tensors(Snapshots.name(plan, 0)).use {
                    it.tensor("token_embedding")
                }
            Store.open(store).find(request(parent, "").id()).get().tensors(Snapshots.name(plan, 10)).use {
                it.tensor("token_embedding") shouldBe theta
            }
        }

        "so is a fork of a fork, and one of a run's end is the run trained longer" {
            val store = tempdir().toPath()
            val first = parent.kept(at = 6, steps = 8)
            val second = first.kept(at = 8, steps = 6)
            end(store, request(parent, "parent").keepingState(6), request(first, "first"), request(second, "second"))
                .let { (whole, _, last) -> last shouldBe whole }
        }

        "without memory in the optimiser a fresh one changes nothing but the schedule: batches go on" {
            val sgd =
                RunSpec(
                    task,
                    model,
                    recipe(20, Sgd(0.1, 0.0, false, 0.0, Optimizer.Decay.DECOUPLED), Schedule.constant()),
                    1,
                )
            val store = tempdir().toPath()
            val (whole, fork) = end(store, request(sgd, "p").keepingState(10), request(sgd.fresh(10, 10), "f"))
            fork shouldBe whole
        }

        "a fresh optimiser, other data or another recipe part from the parent" {
            val store = tempdir().toPath()
            val other = parent.forked(10, Fork.State.KEPT, task, recipe(10), 7)
            val ends =
                end(
                    store,
                    request(parent, "parent").keepingState(10),
                    request(parent.fresh(10, 10), "fresh"),
                    request(other, "other data"),
                )
            ends.toSet().size shouldBe 3
        }

        "a state asked for later is made by training the parent again, whose bytes stay" {
            val store = tempdir().toPath()
            val before = end(store, request(parent, "parent")).single()
            val refused = shouldThrow<UserError> { run(store, request(parent.kept(10, 10), "fork")) }
            refused.message shouldBe
                "fork: 'fork' starts after step 10 of run ${request(parent, "").id().take(12)}: that run has not kept its state there; ask for it where that run is declared, and it is made"
            end(store, request(parent, "parent").keepingState(10), request(parent.kept(10, 10), "fork")) shouldBe
                listOf(before, before)
            Store.open(store).find(request(parent, "").id()).get().verify() shouldBe listOf()
        }

        "rewarmed, the optimiser's state goes on under a schedule that begins anew" {
            fun ends(schedule: Schedule): List<String> {
                val from = RunSpec(task, model, recipe(20, adam, schedule), 1)
                fun to(state: Fork.State) = from.forked(10, state, task, recipe(10, adam, schedule), from.dataSeed())
                val forks = Fork.State.entries.map { request(to(it), "$it") }
                return end(tempdir().toPath(), request(from, "parent").keepingState(10), *forks.toTypedArray())
            }
            // Under a constant rate only the fresh one differs; under a warm-up all three do.
            val (whole, kept, fresh, rewarmed) = ends(Schedule.constant())
            kept shouldBe whole
            rewarmed shouldBe whole
            fresh shouldNotBe whole
            ends(Schedule.warmup(12)).toSet().size shouldBe 3
            val spec = RunSpec(task, model, recipe(20), 1).forked(10, Fork.State.REWARMED, task, recipe(10), 1)
            RunSpec.fromSpec(spec.spec()) shouldBe spec
            spec.spec()["start"]["rewarmed"].booleanValue() shouldBe true
            RunSpec(task, model, recipe(20), 1).kept(10, 10).spec()["start"].has("rewarmed") shouldBe false
        }

        "a fork that is stopped goes on from its checkpoint; trained again it is the same" {
            val store = tempdir().toPath()
            val fork = request(parent.kept(10, 10), "fork")
            val whole = end(store, request(parent, "parent").keepingState(10)).single()
            var asked = 0
            run(store, fork) { ++asked > 6 }.single().outcome() shouldBe Progress.Outcome.INTERRUPTED
            end(store, fork).single() shouldBe whole
            Replay.of(Store.open(store).find(fork.id()).get(), ComputeDevice.CPU, 1000, Store.open(store))
                .problems() shouldBe listOf()
        }

        "a stopped parent keeps the states it has passed" {
            val store = tempdir().toPath()
            val kept = request(parent, "parent").keepingState(4)
            var asked = 0
            run(store, kept) { ++asked > 9 }.single().outcome() shouldBe Progress.Outcome.INTERRUPTED
            val (whole, fork) = end(store, kept, request(parent.kept(4, 16), "fork"))
            fork shouldBe whole
        }

        "a longer parent that goes on from a shorter one has the states of both" {
            val store = tempdir().toPath()
            val short = RunSpec(task, model, recipe(10), 1)
            end(store, request(short, "short").keepingState(4))
            val (whole, early, late) =
                end(
                    store,
                    request(parent, "long").keepingState(4).keepingState(10),
                    request(parent.kept(4, 16), "early"),
                    request(parent.kept(10, 10), "late"),
                )
            listOf(early, late) shouldBe listOf(whole, whole)
        }

        "what can't be is said before anything trains" {
            val store = tempdir().toPath()
            val id = request(parent, "").id().take(12)
            fun refusal(vararg requests: RunRequest) = shouldThrow<UserError> { run(store, *requests) }.message
            refusal(request(parent.kept(10, 10), "fork")) shouldBe
                "fork: 'fork' starts after step 10 of run $id: that run is neither wanted nor in the store $store; train it too"
            refusal(request(parent.kept(10, 10), "fork"), request(parent, "parent")) shouldBe
                "fork: 'fork' starts after step 10 of run $id: its request doesn't keep that state: parent"
            val wide = Architecture(16, 7, 2, 1, 2, 16, 0)
            val elsewhere = RunSpec(task, wide, recipe(5), 1, 1, Optional.empty(), parent.kept(10, 10).start())
            refusal(request(elsewhere, "wide"), request(parent, "parent").keepingState(10)) shouldBe
                "fork: 'wide' starts after step 10 of run $id: expected the same model, found ${model.label()} there and ${wide.label()} here"
            shouldThrow<UserError> { parent.kept(21, 10) }.message shouldBe
                "fork: expected a step from 0 to 20 of '${parent.label()}', found 21; choose one of them, or train that run longer"
            shouldThrow<UserError> { request(parent, "parent").keepingState(21) }.message shouldBe
                "run 'parent': its state is wanted after step 21; expected 0 to 20; choose one of them, or train that run longer"
            Store.open(store).list() shouldBe listOf()
        }

        "the optimiser's state is that of the same kind of optimiser" {
            val sgd =
                parent.forked(
                    10,
                    Fork.State.KEPT,
                    task,
                    recipe(5, Sgd(0.1, 0.9, false, 0.0, Optimizer.Decay.DECOUPLED)),
                    1,
                )
            run(tempdir().toPath(), request(parent, "parent").keepingState(10), request(sgd, "fork"))[1]
                .cause() shouldBe
                "fork: expected an optimiser whose state is [first_moment, second_moment], as that of the run it starts from, found [velocity]; train by the same kind of optimiser, or begin with a fresh state"
        }

        "a fork as data is the same fork; a request keeps its states" {
            val fork = parent.kept(10, 10)
            RunSpec.fromSpec(fork.spec()) shouldBe fork
            fork.spec()["start"].toString() shouldBe
                """{"run":"${request(parent, "").id()}","step":10,"firstBatch":10,"optimizerSteps":10}"""
            fork shouldNotBe parent.fresh(10, 10)
            parent.spec().has("start") shouldBe false
            val kept = request(parent, "parent").keepingState(4).keepingState(10)
            RunRequest.fromJson(ObjectMapper().readTree(kept.json().toString())).json() shouldBe kept.json()
        }
    })
