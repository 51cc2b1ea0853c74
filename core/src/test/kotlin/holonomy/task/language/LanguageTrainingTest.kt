package holonomy.task.language

import holonomy.data.UserError
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.SetColumn
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.task.EvaluationSet
import holonomy.task.Stream
import holonomy.train.AdamW
import holonomy.train.Fork
import holonomy.train.MicroBatches
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import java.time.Duration
import java.util.function.BooleanSupplier
import kotlin.math.ln

private const val T = 48
private const val STEPS = 30L
private val words = WordEncoding.of(192, 16)
private val probe = Probe.of(words, 16, .2, Probe.Gaps(3, 12), Probe.Gaps(16, 27), 40)
private val task = LanguageTask(StoryGenerator.filling(words.lexicon(), T + 1), words, T, 32).with(probe)
private val model = Architecture(192, T, 192, 2, 2, 16, 64, Design.LANGUAGE)
private val training =
    Training(
            AdamW(1e-2, .9, .95, 1e-8, .5, Optimizer.Decay.DECOUPLED),
            Schedule.cutCosine(STEPS * 15 / 100, .1),
            STEPS,
            4,
            1.0,
        )
        .computed(MicroBatches(2, true))
        .weighing("text", Schedule.constant())
        .weighing("probe", Schedule.level(2.0).then(4.0, STEPS * 40 / 100))
private val measures = listOf<Measure>(Accuracy(Cadence.times(2), 16), TrainingCurve(Cadence.times(5)))
private val never = BooleanSupplier { false }

private fun requests() =
    (1L..2L).map {
        RunRequest(
            RunSpec(task, model, training, it),
            "seed $it",
            setOf(SnapshotPlan.of(WeightGroup.MATRICES, 5)),
            measures,
        )
    }

private fun runner(store: Path, workers: Int, every: Duration = Duration.ofMinutes(1)) =
    Runner(Store.open(store), ComputeDevice.CPU, workers, Progress.NONE, every)

private fun files(run: StoredRun) = run.files().filterKeys { it != "provenance.json" }.mapValues { it.value.sha256() }

class LanguageTrainingTest :
    FreeSpec({
        "one worker, two, or stopped and resumed: the same bytes; the loss falls; every set has its rows" {
            val one = runner(tempdir().toPath(), 1).run(requests(), never).map { it.run().get() }
            val two = runner(tempdir().toPath(), 2).run(requests(), never).map { it.run().get() }
            two.map { files(it) } shouldBe one.map { files(it) }
            val store = tempdir().toPath()
            var asked = 0
            runner(store, 1, Duration.ZERO).run(requests()) { asked++ > 12 }.none { it.run().isPresent } shouldBe true
            val resumed = runner(store, 1).run(requests(), never).map { it.run().get() }
            resumed.map { files(it) } shouldBe one.map { files(it) }
            val fork =
                requests()[0].spec().run {
                    forked(10, Fork.State.KEPT, task(), training().lasting(STEPS - 10), dataSeed())
                }
            runner(tempdir().toPath(), 1)
                .run(listOf(requests()[0].keepingState(10), RunRequest(fork, "fork", setOf(), listOf())), never)
                .map { it.run().get().summary()["theta"] }
                .toSet() shouldBe setOf(one[0].summary()["theta"])
            one[0].summary()["theta"] shouldNotBe one[1].summary()["theta"]
            val rows = one[0].table(measures.first().file()).rows()
            rows.map { SetColumn.name(it) }.toSet() shouldBe task.evaluationSets().map { it.name() }.toSet()
            val losses = rows.filter { SetColumn.name(it) == "validation" }.map { it.number("loss") }
            losses.first() shouldBe (ln(192.0) plusOrMinus .1)
            losses.last() shouldBeLessThan losses.first() - .5
            losses.last() shouldBeGreaterThan task.irreducibleLoss().asDouble
        }

        // Logits at the beginning are sums over d features of a normed stream times N(0, .02^2): of variance d .02^2,
        // so the
        // loss is above ln V by about half of that, .013 at width 64. At the published width of 512 it is .102.
        "a loss at the beginning within .1 of ln V, with GPT-2's vocabulary too" {
            val gpt2 = Gpt2Encoding.whole()
            val text = LanguageTask(task.text(), gpt2, 64, 4)
            val wide = Architecture(50_257, 64, 50_257, 1, 4, 64, 256, Design.LANGUAGE)
            wide.open(ComputeDevice.CPU).use { network ->
                val batch = (text.evaluationSets()[0] as EvaluationSet.Given).sample(Stream.of(1, "any"), 4)
                network.loss(Weights.initial(wide, 1).values(), batch) shouldBe (ln(50_257.0) plusOrMinus .1)
            }
        }

        "a probe without its weight, and a weight without a probe" {
            shouldThrow<UserError> { RunSpec(LanguageTask(task.text(), words, T, 32), model, training, 1) }
                .message shouldBe
                "run: weights are given for groups [probe], the task's groups are [text]; leave them out, or take a " +
                    "task that has those groups"
            shouldThrow<UserError> { RunSpec(task, model, Training(AdamW.of(1e-3), 5, 8), 1) }.message shouldBe
                "run: groups [text, probe] of the task's [text, probe] have no weight; give each one, a schedule of " +
                    "the step, in the recipe"
        }
    })
