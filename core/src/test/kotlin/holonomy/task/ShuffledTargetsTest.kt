package holonomy.task

import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private val words = WordEncoding.of(192, 16)

private val stories =
    LanguageTask(StoryGenerator.filling(words.lexicon(), 49), words, 48, 20)
        .with(Probe.of(words, 16, .5, Probe.Gaps(3, 12), Probe.Gaps(16, 27), 20))

class ShuffledTargetsTest :
    FreeSpec({
        val shuffled = ShuffledTargets(stories)
        val stream = Stream.of(1, "train")
        val plain = stories.batch(stream, 3, 32)
        val batch = shuffled.batch(stream, 3, 32)

        "what is asked where, and each group's targets, stay; which of them is asked where does not" {
            batch.tokens() shouldBe plain.tokens()
            batch.groups() shouldBe plain.groups()
            fun asked(of: Batch) = of.targets().map { it == Batch.IGNORE }
            asked(batch) shouldBe asked(plain)
            for (group in 0..1) {
                fun targets(of: Batch) = of.targets().filterIndexed { i, _ -> of.groups()[i] == group }.sorted()
                targets(batch) shouldBe targets(plain)
            }
            val kept = batch.targets().indices.count { batch.targets()[it] == plain.targets()[it] && !asked(plain)[it] }
            // Of 1,400 targets about 4 % of the frequent ones would stand where they stood by chance.
            (kept < .25 * asked(plain).count { !it }) shouldBe true
        }

        "a batch is a function of stream and number" {
            shuffled.batch(stream, 3, 32).targets() shouldBe batch.targets()
            shuffled.batch(stream, 4, 32).targets() shouldNotBe batch.targets()
        }

        "it is evaluated as the task is, and found again by its spec" {
            shuffled.evaluationSets().map { it.name() } shouldBe stories.evaluationSets().map { it.name() }
            Task.fromSpec(shuffled.spec()).spec() shouldBe shuffled.spec()
            shuffled.label() shouldBe stories.label() + ", targets shuffled"
        }
    })
