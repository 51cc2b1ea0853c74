package holonomy.task.language

import holonomy.data.Fields
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.sqrt

private val stories = StoryGenerator(60, 0, 4, .75, 0)

class StoryGeneratorTest :
    FreeSpec({
        "a story is a pure function of its number" {
            stories.story(7) shouldBe stories.story(7)
            (0 until 200).map { stories.story(it) }.toSet().size shouldBe 200
            StoryGenerator(60, 0, 4, .75, 1).story(7) shouldNotBe stories.story(7)
            stories.story(Int.MAX_VALUE).endsWith("the end") shouldBe true
            stories.story(7) shouldBe SEVENTH
        }

        "the surprisal is that of all ways in which a story can have come about: there is one" {
            for (generator in listOf(stories, StoryGenerator(24, 1, 2, .0, 3), StoryGenerator(300, 2, 3, 1.0, 3))) {
                for (i in 0 until 60) {
                    val words = generator.story(i).split(" ")
                    withClue(words.joinToString(" ")) {
                        val told = exp(-generator.surprisal(i))
                        Reader(generator).probability(words) shouldBe (told plusOrMinus 1e-9 * told)
                    }
                }
            }
        }

        "the entropy rate is that of a long sample" {
            for (generator in listOf(stories, StoryGenerator.filling(24, 97), StoryGenerator(400, 1, 1, .2, 5))) {
                val rate = generator.entropy().rate()
                // Each story's surprisal beyond the rate; the mean of these is 0.
                val beyond =
                    List(10_000) { i -> generator.surprisal(i) - rate * (generator.story(i).split(" ").size - 1) }
                val mean = beyond.average()
                val error = sqrt(beyond.sumOf { (it - mean) * (it - mean) }) / beyond.size
                abs(mean) shouldBeLessThan 4 * error
                error / generator.entropy().surprisal() shouldBeLessThan 3e-3
            }
        }

        "more recall, less entropy; a lexicon that never returns has most" {
            val rates = listOf(.0, .25, .5, .75, .95).map { StoryGenerator(100, 2, 4, it, 0).entropy().rate() }
            rates shouldBe rates.sortedDescending()
        }

        "the longest story fills a window, and all begin with one word" {
            for (window in listOf(49, 97, 129)) {
                val filling = StoryGenerator.filling(60, window)
                filling.longest() shouldBeLessThanOrEqualTo window
                StoryGenerator(60, filling.least(), filling.most() + 1, .75, 0).longest() shouldBe filling.longest() + 7
                (0 until 2_000).maxOf { filling.story(it).split(" ").size } shouldBeLessThanOrEqualTo filling.longest()
                (0 until 100).map { filling.story(it).substringBefore(" ") }.toSet() shouldBe setOf("once")
                val encoding = WordEncoding(60, 8)
                filling.irreducibleLoss(encoding, window).asDouble shouldBe filling.entropy().rate()
                filling.irreducibleLoss(encoding, filling.longest() - 1).isEmpty shouldBe true
                filling.irreducibleLoss(Gpt2Encoding.whole(), 1024).isEmpty shouldBe true
            }
        }

        "its spec comes back" {
            TextSource.fromSpec(Fields("text", stories.spec())) shouldBe stories
            stories.spec().toString() shouldBe
                """{"kind":"stories","semantics":1,"lexicon":60,"least":0,"most":4,"recall":0.75,"seed":0}"""
        }

        "mistakes" {
            shouldThrow<UserError> { StoryGenerator(60, 3, 2, .5, 0) }.message shouldBe
                "stories: expected 0 <= least <= most <= 10000 sentences of the middle act and a recall of 0 to 1, " +
                    "found 3, 2 and 0.5"
            shouldThrow<UserError> { StoryGenerator(23, 2, 3, .5, 0) }.message shouldBe
                "stories: expected a lexicon of 24 to 2000 words, found 23"
            shouldThrow<UserError> { StoryGenerator.filling(60, 46) }.message shouldBe
                "stories: expected a window of at least 48 tokens for a whole story, found 46"
        }
    })

private const val SEVENTH =
    "once the fepa was home to Baba . she knew Loli . Baba loved a mufi . she had a vinu . the day was peviy . then " +
        "the vinu gilaed . the fepa was peviy . Baba bifued Loli . Loli bifued the vinu . and Baba and Loli were " +
        "peviy . the end"

/** Reads a story by its own rules: the sum over all ways of making it of their probabilities. */
private class Reader(private val stories: StoryGenerator) {
    private val lexicon = Lexicon.of(stories.lexicon())

    private data class State(val bound: Map<Schema.Slot, String>, val last: String, val p: Double)

    fun probability(words: List<String>): Double {
        var sum = 0.0
        for (names in 1..2) for (things in 1..2) for (middle in stories.least()..stories.most()) {
            val places =
                listOf(Schema.Place.OPENING) +
                    List(names - 1) { Schema.Place.COMPANION } +
                    Schema.Place.OWNING +
                    List(things - 1) { Schema.Place.MORE } +
                    Schema.Place.FEELING +
                    List(middle) { Schema.Place.MIDDLE } +
                    listOf(Schema.Place.ENDING, Schema.Place.CLOSE)
            val share = .25 / (stories.most() - stories.least() + 1)
            sum += share * read(places, words, 0, State(mapOf(), "", 1.0), names, things)
        }
        return sum
    }

    private fun read(
        places: List<Schema.Place>,
        words: List<String>,
        from: Int,
        state: State,
        names: Int,
        things: Int,
    ): Double {
        if (places.isEmpty()) return if (from == words.size) state.p else 0.0
        return places[0].schemata().sumOf { schema ->
            var now: State? = state.copy(p = state.p / places[0].schemata().size)
            var at = from
            for (slot in schema.words().flatMap { expanded(it, names) }) {
                now = now?.let { if (at < words.size) step(slot, words[at++], it, names, things) else null }
            }
            now?.let { read(places.drop(1), words, at, it, names, things) } ?: 0.0
        }
    }

    private fun expanded(word: String, names: Int) =
        if (word == "BOTH") listOf("FIRST", "and", "SECOND").take(2 * names - 1) else listOf(word)

    private fun step(slot: String, word: String, state: State, names: Int, things: Int): State? {
        if (!Schema.isSlot(slot)) return state.takeIf { word == slot }
        val she = lexicon.words().indexOf(state.last) % 2 == 0
        return when (val kind = Schema.Slot.valueOf(slot)) {
            Schema.Slot.FIRST -> bound(kind, Lexicon.Part.NAME, word, state, null)?.copy(last = word)
            Schema.Slot.SECOND -> bound(kind, Lexicon.Part.NAME, word, state, Schema.Slot.FIRST)?.copy(last = word)
            Schema.Slot.THING1 -> bound(kind, Lexicon.Part.THING, word, state, null)
            Schema.Slot.THING2 -> bound(kind, Lexicon.Part.THING, word, state, Schema.Slot.THING1)
            Schema.Slot.HOME -> bound(kind, Lexicon.Part.PLACE, word, state, null)
            Schema.Slot.FEELING -> bound(kind, Lexicon.Part.MOOD, word, state, null)
            Schema.Slot.WHO ->
                mixed(Lexicon.Part.NAME, word, state, listOf(Schema.Slot.FIRST, Schema.Slot.SECOND).take(names))
                    ?.copy(last = word)
            Schema.Slot.THING ->
                mixed(Lexicon.Part.THING, word, state, listOf(Schema.Slot.THING1, Schema.Slot.THING2).take(things))
            Schema.Slot.PLACE -> mixed(Lexicon.Part.PLACE, word, state, listOf(Schema.Slot.HOME))
            Schema.Slot.MOOD -> mixed(Lexicon.Part.MOOD, word, state, listOf(Schema.Slot.FEELING))
            Schema.Slot.VERB -> share(Lexicon.Part.VERB, word)?.let { state.copy(p = state.p * it) }
            Schema.Slot.ADJECTIVE -> share(Lexicon.Part.ADJECTIVE, word)?.let { state.copy(p = state.p * it) }
            Schema.Slot.HE -> state.takeIf { word == if (she) "she" else "he" }
            Schema.Slot.HIS -> state.takeIf { word == if (she) "her" else "his" }
            Schema.Slot.WERE -> state.takeIf { word == if (names == 2) "were" else "was" }
            Schema.Slot.BOTH -> error("expanded before")
        }
    }

    /** The share of a word in its part of speech: of the n-th of N words, 1 / n over the sum of all these. */
    private fun share(part: Lexicon.Part, word: String): Double? {
        val count = lexicon.frequencies(part).size()
        val rank = (0 until count).firstOrNull { lexicon.word(part, it) == word } ?: return null
        return 1.0 / (rank + 1) / (1..count).sumOf { 1.0 / it }
    }

    private fun bound(slot: Schema.Slot, part: Lexicon.Part, word: String, state: State, beside: Schema.Slot?): State? {
        state.bound[slot]?.let { known ->
            return state.takeIf { known == word }
        }
        val other = beside?.let { state.bound.getValue(it) }
        val share = share(part, word)?.takeIf { word != other } ?: return null
        val left = other?.let { 1 - share(part, it)!! } ?: 1.0
        return state.copy(bound = state.bound + (slot to word), p = state.p * share / left)
    }

    private fun mixed(part: Lexicon.Part, word: String, state: State, known: List<Schema.Slot>): State? {
        val share = share(part, word) ?: return null
        val ours = if (known.any { state.bound.getValue(it) == word }) 1.0 / known.size else 0.0
        return state.copy(p = state.p * ((1 - stories.recall()) * share + stories.recall() * ours))
    }
}
