package holonomy.run

import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ArrayNode
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.Nightly
import holonomy.data.CanonicalJson
import holonomy.data.UserError
import holonomy.data.allocated
import holonomy.intervention.Basis
import holonomy.intervention.Displacement
import holonomy.intervention.Kick
import holonomy.intervention.MatchedShare
import holonomy.intervention.NormClamp
import holonomy.intervention.Projection
import holonomy.intervention.Renewed
import holonomy.intervention.Window
import holonomy.measure.Accuracy
import holonomy.measure.AttentionEntropy
import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.ConverseAlignment
import holonomy.measure.SnapshotPlan
import holonomy.measure.SubspaceDistance
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.store.json
import holonomy.store.spec
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.StagedTask
import holonomy.task.Task
import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import holonomy.train.AdamW
import holonomy.train.MicroBatches
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.StopRule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.util.Optional
import java.util.OptionalLong
import java.util.Random

private const val INPUTS = 3000
private const val MOST_BYTES = 20_000_000L

private val marked = MarkedTask(Operation.sum(3), 7, 9, 4, 3, listOf(1, 2), MarkedTask.Placement.POSITIONS_PER_SEQUENCE)
private val staged = StagedTask(marked, listOf(StagedTask.Stage(5, listOf(1)), StagedTask.Stage(5, listOf(2))), .25)
private val pairs = PairTask(Operation.sum(5), true, .5, PairTask.of(Operation.sum(5)).split(), OptionalLong.of(7))
private val recipe = Training(Sgd(.1, .9, true, .01, Optimizer.Decay.L2), 6, 2)
private val path = Basis.Path("ab".repeat(32), WeightGroup.ATTENTION, 41, 2, 500)
private val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 21)

private val words = WordEncoding.of(192, 4)
private val language =
    LanguageTask(StoryGenerator.filling(words.lexicon(), 49), words, 32, 3)
        .with(Probe.of(words, 3, .2, Probe.Gaps(1, 5), Probe.Gaps(6, 9), 4))

private fun run(task: Task, training: Training, form: Design = Design.DECODER) =
    RunSpec(task, Architecture(task.vocabulary(), task.length(), task.classes(), 2, 2, 8, 4, form), training, 1, 2)

private val requests =
    listOf(
        RunRequest(
            run(marked, Training(AdamW.of(1e-3), Schedule.cosine(3, .1), 9, 4, 1.0)),
            "cosine",
            setOf(SnapshotPlan.of(WeightGroup.ALL, 3)),
            listOf(TrainingCurve(Cadence.times(4)), Accuracy(Cadence.times(5), 16), TrajectorySpectrum(plan, 3, 1, 20)),
        ),
        RunRequest(
            run(staged, recipe.weighing("targets", Schedule.level(2.0).then(.5, 3))),
            "staged",
            setOf(),
            listOf(AttentionEntropy(Cadence.times(2), 8, listOf(1, 3)), SubspaceDistance(plan, 2)),
        ),
        RunRequest(
            run(
                pairs,
                recipe
                    .with(
                        listOf(
                            Projection(Projection.On.UPDATE, path, true, 0.0, 1.0, Window.from(500)),
                            MatchedShare(Basis.Random(Optional.of(WeightGroup.MLP), 3, 4), path, .75, Window.once(3)),
                            Kick(Kick.Direction.GAUSSIAN, Kick.Length.FIXED, .1, Optional.empty(), false, Window(5, 9)),
                            Displacement(path, -.1, Window.once(0)),
                            Projection(
                                Projection.On.UPDATE,
                                Renewed(Renewed.TopOfHessian(2, 9), 3, 5),
                                false,
                                1.0,
                                0.0,
                                Window.from(1),
                            ),
                            NormClamp(WeightGroup.ALL, .7, NormClamp.Unit.INITIAL, .5, Window.from(2)),
                        )
                    )
                    .until(StopRule(.98, 3, 2, 1)),
                Design.ENCODER.scalingLogits(.5),
            ),
            "interventions",
            setOf(plan),
            listOf(
                ConverseAlignment(Cadence.times(3), SnapshotPlan.of(WeightGroup.ALL, 5), 2),
                CommutatorMeasure(Cadence.times(3), plan, 4, 2, 1, 3, 1.0, 1e-3, 8, "other pairs"),
            ),
        ),
        RunRequest(
            run(
                language,
                Training(AdamW.of(1e-3), Schedule.cutCosine(3, .1), 9, 4, 1.0)
                    .computed(MicroBatches(2, true))
                    .weighing("text", Schedule.constant())
                    .weighing("probe", Schedule.level(2.0).then(4.0, 3))
                    .with(
                        listOf(
                            Projection(
                                Projection.On.GRADIENT,
                                Renewed(Renewed.Difference("probe", "text", 4), 2, 5),
                                false,
                                0.0,
                                1.0,
                                Window.from(0),
                            ),
                            Kick(
                                Kick.Direction.GAUSSIAN,
                                Kick.Length.FIXED,
                                .1,
                                Optional.of(Renewed(Renewed.AtRandom(), 2, 3)),
                                false,
                                Window(5, 9),
                            ),
                        )
                    ),
                Design.LANGUAGE,
            ),
            "language",
            setOf(),
            listOf(Accuracy(Cadence.times(5), 16)),
        ),
    )

/** Values that a damaged or strange file could hold anywhere. */
private val strange: List<(ObjectNode) -> JsonNode> =
    listOf(
            "null",
            "-1",
            "0",
            "1",
            "2147483648",
            "-9223372036854775808",
            "123456789012345678901234567890",
            "2000000000",
            "0.5",
            "1e308",
            "-0.0",
            "\"\"",
            "\"adamw\"",
            "\"\\u0000\"",
            "true",
            "[]",
            "{}",
            "[[[[1]]]]",
        )
        .map { text -> { _: ObjectNode -> json.readTree(text) } }

private fun containers(node: JsonNode): List<JsonNode> =
    listOf(node).filter { it.isContainerNode && it.size() > 0 } + node.flatMap(::containers)

/** One part of a tree removed, renamed, replaced or doubled. */
private fun mutate(tree: ObjectNode, random: Random) {
    val place = containers(tree).let { it[random.nextInt(it.size)] }
    val value = strange[random.nextInt(strange.size)](tree)
    if (place is ArrayNode) {
        val i = random.nextInt(place.size())
        when (random.nextInt(3)) {
            0 -> place.remove(i)
            1 -> place.set(i, value)
            else -> place.add(place[i].deepCopy<JsonNode>())
        }
    } else if (place is ObjectNode) {
        val key = place.fieldNames().asSequence().toList().let { it[random.nextInt(it.size)] }
        when (random.nextInt(4)) {
            0 -> place.remove(key)
            1 -> place.set<JsonNode>(key + "x", place.remove(key))
            2 -> place.set<JsonNode>(key, value)
            else -> place.set<JsonNode>("unknown", value)
        }
    }
}

/** Text with bytes flipped, left out or cut off at its end; mostly no JSON any more. */
private fun garble(text: String, random: Random): String {
    val at = random.nextInt(text.length)
    return when (random.nextInt(3)) {
        0 -> text.replaceRange(at, at + 1, (text[at].code xor (1 shl random.nextInt(7))).toChar().toString())
        1 -> text.removeRange(at, at + 1)
        else -> text.take(at)
    }
}

class MutatedSpecsTest :
    FreeSpec({
        tags(Nightly)

        "of $INPUTS mutated requests each is a clear error, or is read as what it says" {
            val random = Random(16)
            var refused = 0
            var read = 0
            repeat(INPUTS) { number ->
                val tree = requests[number % requests.size].json().deepCopy()
                if (number % 4 > 0) repeat(1 + random.nextInt(2)) { mutate(tree, random) }
                val text = if (number % 4 == 0) garble(tree.toString(), random) else tree.toString()
                withClue("input $number: $text") {
                    allocated {
                        try {
                            val given = json.readTree(text)
                            val request = RunRequest.fromJson(given)
                            CanonicalJson.text(request.json()) shouldBe CanonicalJson.text(given)
                            request.id().length shouldBe 64
                            read++
                        } catch (clear: UserError) {
                            clear.message!!.length shouldBeGreaterThan 20
                            refused++
                        } catch (noJson: JsonProcessingException) {
                            refused++ // a run's reader names the file
                        }
                    } shouldBeLessThan MOST_BYTES
                }
            }
            refused shouldBeGreaterThan INPUTS / 2
            read shouldBeGreaterThan INPUTS / 100
        }

        "what is missing or wrong is named with its place" {
            fun wrong(change: (ObjectNode) -> Unit): String? {
                val spec = requests[0].spec().spec()
                change(spec)
                return shouldThrow<UserError> { RunSpec.fromSpec(spec) }.message
            }
            fun ObjectNode.inside(vararg keys: String): ObjectNode =
                keys.fold(this) { node, key -> node[key] as ObjectNode }
            wrong { it.inside("training").remove("batch") } shouldBe
                "run.training: expected a whole number under 'batch', found only semantics, steps, optimizer, schedule, clip"
            wrong { it.inside("training").put("batch", 3_000_000_000) } shouldBe
                "run.training: expected a whole number of 32 bits under 'batch', found 3000000000"
            wrong { it.inside("training", "optimizer").put("kind", "adam") } shouldBe
                "run.training.optimizer: optimiser of kind 'adam' is unknown to this version of Holonomy; known: adamw, sgd, sign"
            wrong { it.inside("model").put("layers", "two") } shouldBe
                "run.model: expected a whole number of 32 bits under 'layers', found \"two\""
            wrong { it.inside("task").put("placement", "ANYWHERE") } shouldBe
                "run.task: expected one of PER_BATCH, POSITIONS_PER_SEQUENCE, PER_SEQUENCE under 'placement', found \"ANYWHERE\""
            wrong { it.put("task", 1) } shouldBe "run.task: expected a JSON object, found 1"
            wrong { it.inside("training").set<JsonNode>("clipp", it.inside("training").remove("clip")) } shouldBe
                "run.training.clipp: this version of Holonomy takes it for something else: expected nothing, found 1.0"
            wrong { it.inside("model").put("semantics", 99) } shouldBe
                "run.model.semantics: this version of Holonomy takes it for something else: expected 3, found 99"
        }
    })
