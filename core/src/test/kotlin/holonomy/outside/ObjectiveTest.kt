package holonomy.outside

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Fields
import holonomy.data.UserError
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.SetColumn
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Readout
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.task.Batch
import holonomy.task.EvaluationSet
import holonomy.task.Stream
import holonomy.task.Task
import holonomy.train.AdamW
import holonomy.train.Fork
import holonomy.train.MicroBatches
import holonomy.train.Observer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.StopRule
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import kotlin.math.abs
import kotlin.math.sqrt

private const val LENGTH = 6
private const val CLASSES = 8

/**
 * A task of somebody else's with two groups of targets: after each token but the last its successor modulo 8 (group
 * 'next'), at the last token, in one sequence of four, the first token again (group 'first'); nothing else is asked.
 */
data class NextAndFirst(private val groups: List<String> = listOf("next", "first")) : Task {
    override fun length() = LENGTH

    override fun vocabulary() = CLASSES

    override fun classes() = CLASSES

    override fun targetPositions() = (0 until LENGTH).toList()

    override fun groups() = groups

    override fun batch(stream: Stream, index: Long, size: Int) = batch(stream, index, size, 4)

    private fun batch(stream: Stream, index: Long, size: Int, oneOf: Int): Batch {
        val random = stream.at(index)
        val tokens = IntArray(size * LENGTH) { random.nextInt(CLASSES) }
        val targets =
            IntArray(tokens.size) { i ->
                when {
                    i % LENGTH < LENGTH - 1 -> if (oneOf == 1) Batch.IGNORE else (tokens[i] + 1) % CLASSES
                    random.nextInt(oneOf) == 0 -> tokens[i - i % LENGTH]
                    else -> Batch.IGNORE
                }
            }
        return Batch.of(LENGTH, tokens, targets, IntArray(tokens.size) { if (it % LENGTH < LENGTH - 1) 0 else 1 })
    }

    override fun evaluationSets() =
        listOf<EvaluationSet>(
            EvaluationSet.Drawn("fresh", this, 3, 1.0 / CLASSES),
            EvaluationSet.Given("first, always the same", 1.0 / CLASSES, 0) { batch(Stream.of(1, "first"), 0, 40, 1) },
        )

    override fun spec(): ObjectNode =
        JsonNodeFactory.instance.objectNode().put("kind", "next and first").also { node ->
            groups.forEach { node.withArray("groups").add(it) }
        }

    override fun label() = "next and first"

    class Kind : Task.Kind {
        override fun kind() = "next and first"

        override fun fromSpec(fields: Fields) = NextAndFirst(fields.node().get("groups").map { it.textValue() })
    }
}

private val task = NextAndFirst()
private val model = Architecture(CLASSES, LENGTH, CLASSES, 2, 2, 16, 32, Design.LANGUAGE)

private fun weighing(training: Training, switch: Long) =
    training.weighing("next", Schedule.constant()).weighing("first", Schedule.level(2.0).then(4.0, switch))

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

class ObjectiveTest :
    FreeSpec({
        val store = tempdir().toPath()
        val sgd = weighing(Training(Sgd.of(.1), 5, 12), 2)

        "a run of two groups trains on both, is evaluated on named sets, is stored and read again" {
            val training = weighing(Training(AdamW.of(5e-3), 500, 32), 200).inMicroBatches(2)
            val accuracy = Accuracy(Cadence.times(3), 64)
            val request = RunRequest(RunSpec(task, model, training, 1), "toy", setOf(), listOf(accuracy))
            RunRequest.fromJson(ObjectMapper().readTree(request.json().toString())).spec() shouldBe request.spec()
            val run = trained(store, request)
            val table = run.table(accuracy.file())
            table.columns().map { it.name() } shouldBe listOf("step", "set", "accuracy", "loss", "majority")
            table.rows().map { it.number("step") to SetColumn.name(it) } shouldBe
                listOf(0.0, 250.0, 500.0).flatMap { listOf(it to "fresh", it to "first, always the same") }
            table.rows().forEach { it.number("majority") shouldBe 1.0 / 8 }
            for (row in table.rows()) {
                if (row.number("step") == 0.0) row.number("accuracy") shouldBeLessThan .5
                if (row.number("step") == 500.0) row.number("accuracy") shouldBeGreaterThan .95
            }
            run.summary()["accuracy"].doubleValue() shouldBe
                table.rows().filter { it.number("step") == 500.0 }.minOf { it.number("accuracy") }
        }

        "rows of a set count its targets alone; gradients of measures are of the objective at their step" {
            val accuracy = Accuracy(Cadence.times(2), 64)
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 5)
            val commutators = CommutatorMeasure(Cadence.times(2), plan, 1, 0, 0, 1, 1e-2, 1e-3)
            val spec = RunSpec(task, model, sgd, 1)
            val run = trained(store, RunRequest(spec, "toy", setOf(), listOf(accuracy, commutators)))
            val theta = run.end(spec).theta()
            val batch = task.evaluationSets()[1].sample(Stream.of(1, "any"), 64)
            batch.size() shouldBe 40
            val pair = Stream.of(1, "measure " + CommutatorMeasure.PAIRS)
            model.open(ComputeDevice.CPU).use { network ->
                val logits = network.logits(theta, batch).toList().chunked(CLASSES)
                val last = (0 until 40).map { LENGTH * it + LENGTH - 1 }
                val right = last.count { place -> logits[place].let { it.indexOf(it.max()) } == batch.targets()[place] }
                val row = run.table(accuracy.file()).rows().last()
                row.number(Accuracy.ACCURACY) shouldBe right / 40.0
                row.number(Accuracy.LOSS) shouldBe (network.loss(theta, batch) plusOrMinus 1e-6)
                val gradient = FloatArray(theta.size)
                val drawn = task.batch(pair, 5 * 4096L, 12)
                network.gradient(theta, drawn.weighted(doubleArrayOf(1.0, 4.0)), gradient)
                run.table(commutators.file())
                    .rows()
                    .last { it.text(CommutatorMeasure.VARIANT) == CommutatorMeasure.OURS }
                    .number(CommutatorMeasure.GRADIENT_A) shouldBe (norm(gradient) plusOrMinus 1e-5)
            }
        }

        "a step descends the sum of the groups' means, each with its weight at that step" {
            for (parts in listOf(1, 3)) {
                val spec = RunSpec(task, model, sgd.inMicroBatches(parts), 1)
                val state = TrainingState.initial(spec)
                val byHand = Weights.initial(model, 1).values()
                val gradient = FloatArray(byHand.size)
                model.open(ComputeDevice.CPU).use { network ->
                    Trainer(spec, network).train(state, listOf()) { false }
                    for (step in 0L until 5L) {
                        val weights = doubleArrayOf(1.0, if (step < 2) 2.0 else 4.0)
                        network.gradient(byHand, task.batch(spec.batches(), step, 12).weighted(weights), gradient)
                        for (i in byHand.indices) byHand[i] -= .1f * gradient[i]
                    }
                }
                byHand.indices.maxOf { abs(byHand[it] - state.theta()[it]) }.toDouble() shouldBeLessThan 1e-6
                byHand shouldNotBe Weights.initial(model, 1).values()
            }
        }

        "micro-batches with means of their own: a step descends the mean of their losses, as published" {
            val spec = RunSpec(task, model, sgd.lasting(1).computed(MicroBatches(4, true)), 1)
            val state = TrainingState.initial(spec)
            val byHand = Weights.initial(model, 1).values()
            val sum = FloatArray(byHand.size)
            val one = FloatArray(byHand.size)
            val batch = task.batch(spec.batches(), 0, 12)
            model.open(ComputeDevice.CPU).use { network ->
                var loss = 0.0
                for (part in 0 until 4) {
                    val from = 3 * LENGTH * part
                    fun own(values: IntArray) = values.copyOfRange(from, from + 3 * LENGTH)
                    val alone = Batch.of(LENGTH, own(batch.tokens()), own(batch.targets()), own(batch.groups()))
                    loss += network.gradient(byHand, alone.weighted(doubleArrayOf(1.0, 2.0)), one) / 4
                    for (i in sum.indices) sum[i] += one[i] / 4
                }
                val observer = Observer { now, step ->
                    if (now.step() == 1L) step.loss() shouldBe (loss plusOrMinus 1e-6)
                }
                Trainer(spec, network).train(state, listOf(observer)) { false }
            }
            byHand.indices.maxOf { abs(byHand[it] - .1 * sum[it] - state.theta()[it]) } shouldBeLessThan 1e-6
        }

        "micro-batches with unequal counts of targets make the whole batch's gradient and loss" {
            val theta = Weights.initial(model, 7).values()
            val batch = task.batch(Stream.of(1, "test"), 0, 12).weighted(doubleArrayOf(1.0, 2.0))
            fun probes(part: Batch) =
                part.targets().indices.count { part.targets()[it] != Batch.IGNORE && part.groups()[it] == 1 }
            List(4) { probes(batch.part(3 * it, 3 * it + 3)) }.distinct().size shouldNotBe 1
            val exact = DoubleArray(theta.size)
            val wide = DoubleArray(theta.size) { theta[it].toDouble() }
            val loss = model.openFloat64(ComputeDevice.CPU).use { it.gradient(wide, batch, exact) }
            model.open(ComputeDevice.CPU).use { network ->
                for (parts in listOf(1, 2, 3, 4, 6, 12)) {
                    val gradient = FloatArray(theta.size) { Float.NaN }
                    sgd.optimizer()
                        .accumulate(
                            microBatches(batch, parts),
                            { part, into -> network.gradient(theta, part, into) },
                            gradient,
                        )
                        .shouldBe(loss plusOrMinus 1e-5)
                    exact.indices.maxOf { abs(gradient[it] - exact[it]) } / exact.maxOf { abs(it) } shouldBeLessThan
                        1e-5
                }
            }
        }

        "a part of a part, and a whole whose parts all have as many targets: weights stay what they are" {
            val labels = Batch.of(2, IntArray(24), IntArray(12) { 1 }).weighted(doubleArrayOf(.3))
            labels.part(3, 8).part(1, 3).weights().toList() shouldBe listOf(.3)
            val uneven = Batch.of(1, IntArray(4), intArrayOf(0, 0, Batch.IGNORE, 0), intArrayOf(0, 0, 0, 1))
            uneven.part(0, 2).weights().toList() shouldBe listOf(2.0, 0.0)
            uneven.part(2, 4).weights().toList() shouldBe listOf(0.0, 2.0)
            uneven.part(0, 3).part(0, 1).weights().toList() shouldBe listOf(4.0 / 2, 0.0)
        }

        "a fork's weights go on with its optimiser's steps, or begin anew with a fresh one" {
            val parent = RunSpec(task, model, sgd, 1)
            val batch = task.batch(Stream.of(1, "test"), 0, 12)
            fun weights(state: Fork.State) =
                (0L..2L).map { parent.forked(1, state, task, sgd, 1).weighted(batch, it).weights()[1] }
            weights(Fork.State.KEPT) shouldBe listOf(2.0, 4.0, 4.0)
            weights(Fork.State.FRESH) shouldBe listOf(2.0, 2.0, 4.0)
        }

        "weights stand in a spec, only where there are any" {
            val spec = RunSpec(task, model, sgd, 1)
            spec.spec()["training"]["weights"].toString() shouldBe
                """[{"group":"first","weight":{"shape":"STEPPED","warmup":0,"floor":0.0,"levels":[""" +
                    """{"from":0,"factor":2.0},{"from":2,"factor":4.0}]}},""" +
                    """{"group":"next","weight":{"shape":"CONSTANT","warmup":0,"floor":0.0}}]"""
            RunSpec.fromSpec(spec.spec()) shouldBe spec
            Training(Sgd.of(.1), 5, 12).spec().has("weights") shouldBe false
            Training(Sgd.of(.1), 5, 12).until(StopRule.published(1)).spec()["stopRule"].has("set") shouldBe false
            sgd.extendable() shouldBe true
            sgd.weighing("first", Schedule.cosine(0, .1)).extendable() shouldBe false
        }

        "mistakes are named before anything trains" -
            {
                val plain = Training(Sgd.of(.1), 5, 12)
                "a group without a weight" {
                    mistake { RunSpec(task, model, plain.weighing("next", Schedule.constant()), 1) } shouldBe
                        "run: groups [first] of the task's [next, first] have no weight; give each one, a schedule of " +
                            "the step, in the recipe"
                }
                "a weight without a group" {
                    mistake { RunSpec(task, model, sgd.weighing("probe", Schedule.level(2.0)), 1) } shouldBe
                        "run: weights are given for groups [probe], the task's groups are [next, first]; leave them " +
                            "out, or take a task that has those groups"
                }
                "targets where the model is not read out" {
                    val last = Architecture(CLASSES, LENGTH, CLASSES, 1, 2, 16, 0)
                    mistake { RunSpec(task, last, sgd, 1) } shouldBe
                        "run: 'next and first' has targets at positions [0, 1, 2, 3, 4], where the model is not read " +
                            "out; it is at [5]; make a model that is read out there, for instance everywhere"
                }
                "a read-out position that does not exist" {
                    mistake {
                        Architecture(CLASSES, LENGTH, CLASSES, 1, 2, 16, 0, Design.LANGUAGE.with(Readout.at(0, 6)))
                    } shouldBe
                        "model: read-out expected at positions 0..5 of a sequence of 6 tokens, each once and at least " +
                            "one, found [0, 6]"
                }
                "levels that are no schedule" {
                    for (levels in
                        listOf<() -> Schedule>(
                            { Schedule.level(1.0).then(2.0, 0) },
                            { Schedule.level(-1.0) },
                            { Schedule.level(Double.NaN) },
                            { Schedule.constant().then(2.0, 5) },
                        )) {
                        mistake { levels() }!!.substringBefore("; found") shouldBe
                            "schedule: expected levels of a stepped schedule without warm-up, from step 0 on and in " +
                                "the order of their steps, each a number of at least 0"
                    }
                }
                "whole sets that have no end" {
                    mistake {
                        Accuracy.onWholeSets(Cadence.times(2)).requireMeaning(RunSpec(task, model, sgd, 1))
                    } shouldBe
                        "accuracy on whole sets: expected sets of given sequences, but those of [fresh] of 'next and " +
                            "first' are drawn without end; use accuracy(...), of so many held-out sequences each"
                }
                "a stop rule on a set that is drawn, or that is not there; on one that is given" {
                    for (name in listOf("fresh", "test")) {
                        mistake { RunSpec(task, model, sgd.until(StopRule(.9, 1, 1, 0, name)), 1) } shouldBe
                            "run: the stop rule looks at the evaluation set '$name', which always has the same " +
                                "sequences; 'next and first' has none of that name, but [fresh, first, always the " +
                                "same]; leave the rule out, or take a task that has one"
                    }
                    val ruled = RunSpec(task, model, sgd.until(StopRule(.9, 1, 1, 0, "first, always the same")), 1)
                    RunSpec.fromSpec(ruled.spec()) shouldBe ruled
                }
                "batches that hold what their task doesn't say" {
                    fun trained(batch: (Batch) -> Batch, groups: List<String> = listOf("next", "first")): String? {
                        val wrong =
                            object : Task by NextAndFirst(groups) {
                                override fun targetPositions() = (0 until LENGTH).toList()

                                override fun groups() = groups

                                override fun batch(stream: Stream, index: Long, size: Int) =
                                    batch(NextAndFirst().batch(stream, index, size))
                            }
                        val training = groups.fold(plain) { all, each -> all.weighing(each, Schedule.constant()) }
                        val spec = RunSpec(wrong, model, training, 1)
                        val state = TrainingState.initial(spec)
                        return mistake {
                            model.open(ComputeDevice.CPU).use { Trainer(spec, it).train(state, listOf()) { false } }
                        }
                    }
                    val end = "; the task must say what its batches hold"
                    val positions = "targets at positions [0, 1, 2, 3, 4, 5]"
                    trained({ Batch.of(LENGTH, it.tokens(), IntArray(it.size())) }) shouldBe
                        "batch of 'next and first': expected $positions, found one label per sequence$end"
                    trained({ it }, listOf("next")) shouldBe
                        "batch of 'next and first': expected the groups [next], found a target of group number 1$end"
                    trained({ it.apply { targets()[3] = 8 } }) shouldBe
                        "batch of 'next and first': expected 0..7, or -1 for none, found target 8$end"
                }
            }
    })

private fun microBatches(batch: Batch, parts: Int) =
    List(parts) { batch.part(it * batch.size() / parts, (it + 1) * batch.size() / parts) }

private fun norm(v: FloatArray) = sqrt(v.sumOf { it.toDouble() * it })

private fun trained(store: Path, request: RunRequest): StoredRun =
    Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request)) { false }.single().run().get()
