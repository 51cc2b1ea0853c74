package holonomy.task.language

import holonomy.data.Fields
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

class EncodingTest :
    FreeSpec({
        "GPT-2's ids, as everybody knows them" {
            val gpt2 = Gpt2Encoding.whole()
            gpt2.vocabulary() shouldBe 50_257
            gpt2.endOfText() shouldBe 50_256
            gpt2.encode("Hello world").toList() shouldBe listOf(15496, 995)
            gpt2.encode("hello world").toList() shouldBe listOf(31373, 995)
            gpt2.encode("<|endoftext|>").size shouldBeGreaterThan 1
            gpt2.fillers().first() to gpt2.fillers().last() shouldBe (100 to 5_000)
        }

        "its first merges are an encoding: every text is tokens below V - 1, and more of them" {
            val text = "Once upon a time there was a träumer,  who'd  123 shouted: STOP!\n"
            val lengths =
                listOf(257, 512, 4_096, 50_257).map { vocabulary ->
                    val tokens = Gpt2Encoding(vocabulary).encode(text)
                    tokens.all { it in 0 until vocabulary - 1 } shouldBe true
                    tokens.size
                }
            lengths shouldBe lengths.sortedDescending()
            lengths[0] shouldBe text.toByteArray().size
        }

        "codewords are one token each, in capitals, the bare ones first" {
            val all = Gpt2Encoding.whole().codewords()
            all.size shouldBeGreaterThan 512
            all.distinct() shouldBe all
            all.all { Gpt2Encoding.whole().encode(it).size == 1 } shouldBe true
            all.dropWhile { it[0] != ' ' }.all { it[0] == ' ' } shouldBe true
            all shouldContainAll listOf("NASA", " NASA", "HTTP")
        }

        "a word of generated stories is one token" {
            val words = WordEncoding.of(192, 32)
            words.vocabulary() shouldBe 192
            words.encode(StoryGenerator(words.lexicon(), 1, 4, .5, 0).story(3)).all { it in 1 until 192 - 32 } shouldBe
                true
            words.codewords().map { words.encode(it).single() } shouldBe (192 - 32 until 192).toList()
            words.fillers() shouldBe (1 until 192 - 32).toList()
            for (size in listOf(24, 300, 900, 2_000)) {
                val lexicon = Lexicon.of(size).words() + Lexicon.functionWords()
                lexicon.distinct() shouldBe lexicon
                Lexicon.of(size).words().size shouldBe size
            }
        }

        "specs come back" {
            for (encoding in listOf(Gpt2Encoding(1_000), WordEncoding(60, 8))) {
                Encoding.fromSpec(Fields("encoding", encoding.spec())) shouldBe encoding
            }
        }

        "mistakes" {
            for (size in listOf(256, 50_258)) {
                shouldThrow<UserError> { Gpt2Encoding(size) }.message shouldBe
                    "encoding: expected a vocabulary of 257 (bytes and end of text) to 50257 tokens, all that GPT-2's " +
                        "encoding has; found $size"
            }
            for (size in listOf(60, 5_000)) {
                val most = WordEncoding(2_000, 8).vocabulary()
                shouldThrow<UserError> { WordEncoding.of(size, 8) }.message shouldBe
                    "encoding: expected a vocabulary of ${most - 1_976} to $most tokens with 8 codewords, found $size"
            }
            shouldThrow<UserError> { WordEncoding(60, 8).encode("once upon a time") }.message shouldBe
                "encoding: 'upon' is none of the ${WordEncoding(60, 8).vocabulary() - 1} words of generated stories; " +
                    "expected such a story, else take GPT-2's encoding"
            shouldThrow<UserError> { WordEncoding(60, 1_025) }.message shouldBe
                "encoding: expected 0 to 1024 codewords, found 1025"
        }
    })
