package holonomy.run

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.UserError
import holonomy.measure.Accuracy
import holonomy.measure.AttentionEntropy
import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.ConverseAlignment
import holonomy.measure.DecayControls
import holonomy.measure.FinalAlignment
import holonomy.measure.HeadSpectrum
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.SubspaceDistance
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.store.json
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class RunRequestTest :
    FreeSpec({
        val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 21)
        val all: List<Measure> =
            listOf(
                TrainingCurve(Cadence.times(41)),
                Accuracy(Cadence.times(5), 16),
                AttentionEntropy(Cadence.times(2), 8, listOf(1, 3)),
                TrajectorySpectrum(plan, 3, 1, 20),
                SubspaceDistance(plan, 2),
                HeadSpectrum(plan),
                FinalAlignment(plan),
                DecayControls(plan),
                ConverseAlignment(Cadence.times(3), SnapshotPlan.of(WeightGroup.ALL, 5), 2),
                CommutatorMeasure(Cadence.times(3), plan, 4, 2, 1, 3, 0.1, 1e-3),
                CommutatorMeasure(Cadence.times(3), plan, 4, 2, 1, 3, 1.0, 1e-3, 8, "other pairs"),
            )

        val encoder = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
        val onPairs = RunSpec(PairTask.of(Operation.sum(7)).forSeed(1), encoder, Training(AdamW.of(1e-2), 5, 4), 1)

        "the JSON of a request alone rebuilds it, with every measure" {
            val request = RunRequest(smallSweep()[0].spec(), "a label", setOf(SnapshotPlan.of(WeightGroup.ALL, 3)), all)
            val json = ObjectMapper().readTree(request.json().toString())
            val rebuilt = RunRequest.fromJson(json)
            rebuilt.json().toString() shouldBe request.json().toString()
            rebuilt.measures() shouldBe request.measures()
            rebuilt.snapshots() shouldBe request.snapshots()
            rebuilt.spec() shouldBe request.spec()
            rebuilt.id() shouldBe request.id()
            rebuilt.label() shouldBe "a label"
            val pairs = listOf(Accuracy.onWholeSets(Cadence.times(3)))
            val grokking = RunRequest(onPairs, "pairs", setOf(), pairs)
            RunRequest.fromJson(ObjectMapper().readTree(grokking.json().toString())).measures() shouldBe pairs
        }

        "a measure of another version does not travel" {
            val json = RunRequest(smallSweep()[0].spec(), "a label", setOf(), all.take(1)).json()
            val measure = json["measures"][0] as ObjectNode
            measure.put("semantics", 99)
            shouldThrow<UserError> { RunRequest.fromJson(json) }.message shouldBe
                "measure training cannot be sent to another machine: expected one of Holonomy's own, found $measure; " +
                    "leave it out, or run the script without --on"
        }

        "a measure refuses a run of which its numbers would mean something else" {
            val entropy = AttentionEntropy(Cadence.times(2), 8, listOf(1))
            shouldThrow<UserError> { RunRequest(onPairs, "encoder", setOf(), listOf(entropy)) }.message shouldBe
                "attention entropy: expected a causal model that is read out at its last token, found ${encoder.label()}, read out at [0]; measure it along runs of a decoder"
        }
    })
