package holonomy.task.language

import holonomy.data.Identity
import holonomy.data.Sha256
import holonomy.data.UserError
import holonomy.task.Batch
import holonomy.task.EvaluationSet
import holonomy.task.Stream
import holonomy.task.Task
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.nio.ByteBuffer
import java.nio.file.Files

private const val T = 48
private val words = WordEncoding.of(192, 32)
private val generated = StoryGenerator.filling(words.lexicon(), T + 1)
private val probe = Probe.of(words, 32, .2, Probe.Gaps(3, 12), Probe.Gaps(16, 27), 200)
private val plain = LanguageTask(generated, words, T, 64)
private val task = plain.with(probe)
private val stream = Stream.of(1, "train")

private fun hash(vararg arrays: IntArray): String {
    val bytes = ByteBuffer.allocate(4 * arrays.sumOf { it.size })
    arrays.forEach { array -> array.forEach(bytes::putInt) }
    return Sha256.of(bytes.array())
}

private fun hash(batch: Batch) = hash(batch.tokens(), batch.targets(), batch.groups())

private fun set(name: String) = task.evaluationSets().single { it.name() == name } as EvaluationSet.Given

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

private fun List<Int>.place(part: IntArray) = windowed(part.size).indexOf(part.toList())

/**
 * The probe of a sequence of T + 1 tokens, whose codeword is asked at a position: where its key stands tells the gap.
 */
private class Found(tokens: List<Int>, codeword: Int, at: Int) {
    val form = Probe.Form.values().single { tokens.place(it.key(words, codeword)) >= 0 }
    val before = tokens.place(form.key(words, codeword))
    private val query = form.query(words, codeword).toList()
    val gap = at + 2 - query.size - before - form.key(words, codeword).size

    init {
        tokens.subList(at + 2 - query.size, at + 2) shouldBe query
    }
}

private fun rows(batch: Batch) =
    (0 until batch.size()).map { b ->
        Triple(
            batch.tokens().toList().subList(b * T, (b + 1) * T),
            batch.targets().toList().subList(b * T, (b + 1) * T),
            batch.groups().toList().subList(b * T, (b + 1) * T),
        )
    }

class LanguageTaskTest :
    FreeSpec({
        "a batch made again is the same, byte for byte; these are its bytes and its id" {
            val batch = task.batch(stream, 5, 16)
            hash(batch) shouldBe hash(Task.fromSpec(task.spec()).batch(stream, 5, 16))
            hash(batch) shouldNotBe hash(task.batch(stream, 6, 16))
            hash(batch) shouldNotBe hash(task.batch(Stream.of(2, "train"), 5, 16))
            Task.fromSpec(task.spec()) shouldBe task
            Task.fromSpec(plain.spec()) shouldBe plain
            listOf(Identity.of(task.spec()), hash(batch), hash(plain.batch(stream, 5, 16))).joinToString("\n") shouldBe
                GOLDEN
            task.evaluationSets().joinToString("\n") { hash((it as EvaluationSet.Given).all().get()) } shouldBe
                GOLDEN_SETS
        }

        "text: each token but the first of a story is asked, and nothing after its end" {
            for ((tokens, targets, groups) in rows(plain.batch(stream, 0, 100))) {
                val end = targets.indexOf(Batch.IGNORE).let { if (it < 0) T else it }
                targets.take(end) shouldBe
                    tokens.drop(1).take(end).let { if (it.size < end) it + targets[end - 1] else it }
                targets.drop(end).all { it == Batch.IGNORE } shouldBe true
                tokens.drop(end + 1).all { it == words.endOfText() } shouldBe true
                groups.all { it == 0 } shouldBe true
                tokens[0] shouldBe words.encode("once").single()
                targets[end - 1] shouldBe words.encode("end").single()
            }
        }

        "a story longer than a window is cut at a random place, and all of it is asked" {
            val long = StoryGenerator(words.lexicon(), 20, 20, .75, 0)
            val cut = LanguageTask(long, words, T, 10)
            val starts =
                rows(cut.batch(stream, 0, 200)).map { (tokens, targets) ->
                    targets.none { it == Batch.IGNORE } shouldBe true
                    targets.dropLast(1) shouldBe tokens.drop(1)
                    tokens[0]
                }
            starts.toSet().size shouldNotBe 1
            cut.irreducibleLoss().isEmpty shouldBe true
            plain.irreducibleLoss().asDouble shouldBe generated.entropy().rate()
        }

        "training probes: their share, gaps and codewords; the question's codeword alone is of their group" {
            val found =
                (0L until 40L)
                    .flatMap { rows(task.batch(stream, it, 50)) }
                    .mapNotNull { (tokens, targets, groups) ->
                        val at = groups.indexOf(1)
                        groups.count { it == 1 } shouldBeInRange 0..1
                        if (at < 0) return@mapNotNull null
                        targets[at] shouldBeInRange 192 - 32..191
                        // In the key it is an ordinary target.
                        groups[targets.indexOf(targets[at])] shouldBe 0
                        Found(tokens + targets.takeLast(1), targets[at], at)
                    }
            // 4 standard deviations of a binomial share of 2,000.
            found.size / 2_000.0 shouldBe (.2 plusOrMinus .036)
            found.map { it.gap }.toSet() shouldBe (3..12).toSet()
            found.map { it.form }.toSet() shouldBe Probe.Form.values().toSet()
            // A third of the 49 - 11 - 3 tokens that the shortest gap leaves.
            found.map { it.before }.toSet() shouldBe (2..11).toSet()
        }

        "evaluation sets: held-out text, and probes by gap and filler, always the same" {
            task.evaluationSets().map { it.name() } shouldBe
                listOf(
                    "validation",
                    "short gap, text",
                    "short gap, random ids",
                    "long gap, text",
                    "long gap, random ids",
                    "long gap, all but the codeword",
                )
            plain.evaluationSets().map { it.name() } shouldBe listOf("validation")
            task.evaluationSets().map { it.majorityShare() }.subList(1, 5) shouldBe List(4) { 1.0 / 32 }
            set("validation").majorityShare().isNaN() shouldBe true
            set("validation").all().get().size() shouldBe 64
            for ((name, gaps) in listOf("short gap" to 3..12, "long gap" to 16..27)) {
                for (filler in listOf("text", "random ids")) withClue("$name, $filler") {
                    val all = set("$name, $filler").all().get()
                    all.size() shouldBe 200
                    val probes =
                        rows(all).map { (tokens, targets, groups) ->
                            targets.count { it != Batch.IGNORE } shouldBe 1
                            val at = groups.indexOf(1)
                            tokens.drop(at + 2).all { it == words.endOfText() } shouldBe true
                            Found(tokens + targets.takeLast(1), targets[at], at)
                        }
                    probes.map { it.before }.toSet() shouldBe (2..10).toSet()
                    probes.map { it.gap }.toSet() shouldBe gaps.toSet()
                    val sample = set("$name, $filler").sample(Stream.of(9, "any"), 20)
                    sample.tokens().toList() shouldBe all.tokens().toList().take(20 * T)
                    // Made once for all who ask.
                    set("$name, $filler").all().get() shouldBeSameInstanceAs all
                }
            }
        }

        "what is published as lm_ood: of sequences of the far set every token but the codeword, the padding too" {
            val others = set("long gap, all but the codeword").all().get()
            val far = set("long gap, random ids").all().get()
            others.size() shouldBe 20
            others.tokens().toList() shouldBe far.tokens().toList().take(20 * T)
            rows(others).zip(rows(far)).forEach { (asked, probed) ->
                val codeword = probed.second.indexOfFirst { it != Batch.IGNORE }
                asked.second.indices.filter { asked.second[it] == Batch.IGNORE } shouldBe listOf(codeword)
                asked.second.last() shouldBe if (codeword == T - 1) Batch.IGNORE else words.endOfText()
            }
        }

        "held-out stories are not trained on" {
            val told = (0 until 3).joinToString("<|endoftext|>") { "$it".repeat(60) }
            val file = tempdir().toPath().resolve("three.txt").also { Files.writeString(it, told) }
            val bytes = Gpt2Encoding(257)
            val three = LanguageTask(LocalText.read(file), bytes, 20, 1)
            three.batch(stream, 0, 50).tokens().toSet() shouldBe
                setOf(bytes.encode("1").single(), bytes.encode("2").single())
            val held = three.evaluationSets().single() as EvaluationSet.Given
            held.all().get().tokens().toSet() shouldBe setOf(bytes.encode("0").single())
        }

        "codewords are chosen once for all" {
            Probe.of(words, 4, .1, probe.near(), probe.far(), 10).codewords() shouldBe probe.codewords().take(4)
            probe.codewords().sorted() shouldBe words.codewords().sorted()
            probe.codewords() shouldNotBe words.codewords()
        }

        "the published sizes" {
            val gpt2 = Gpt2Encoding.whole()
            val published = Probe.of(gpt2, 512, .1, Probe.Gaps(5, 30), Probe.Gaps(80, 200), 2_000)
            val file = tempdir().toPath().resolve("stories.txt")
            val text =
                (0 until 40).joinToString("<|endoftext|>") { generated.story(it) + " " + generated.story(it + 1) }
            Files.writeString(file, text)
            val whole = LanguageTask(LocalText.read(file), gpt2, 256, 10).with(published)
            whole.vocabulary() shouldBe 50_257
            val batch = whole.batch(stream, 0, 64)
            batch.groups().sum() shouldBeInRange 1..20
            val far = whole.evaluationSets().single { it.name() == "long gap, random ids" }.sample(stream, 50)
            far.targets().count { it != Batch.IGNORE } shouldBe 50
        }

        "mistakes are named before anything trains" {
            fun probe(near: Int, far: Int, codewords: List<String> = probe.codewords()) =
                Probe(codewords, .1, Probe.Gaps(3, near), Probe.Gaps(3, far), 10)
            mistake { plain.with(probe(12, 29)) } shouldBe
                "probe: far gaps of up to 29 tokens don't fit into T = 48: key, query and up to 10 tokens before them " +
                    "take 21 of T + 1; use shorter gaps, or T of at least 49"
            mistake { plain.with(probe(40, 28)) } shouldBe
                "probe: near gaps of up to 40 tokens don't fit into T = 48: key, query and up to 10 tokens before them " +
                    "take 21 of T + 1; use shorter gaps, or T of at least 60"
            plain.with(probe(28, 28)).batch(stream, 0, 8).size() shouldBe 8
            mistake { plain.with(probe(5, 9, listOf(words.codewords()[0], "once lived"))) } shouldBe
                "probe: expected codewords of one token each, 'once lived' is 2; take another word"
            mistake { probe(5, 9, listOf("A", "A")) } shouldBe
                "probe: expected at least 2 different codewords, each once, found [A, A]"
            mistake { Probe.of(words, 33, .1, probe.near(), probe.far(), 10) } shouldBe
                "probe: expected 33 codewords of one token each, the encoding of 192 tokens has 32; ask for fewer, or " +
                    "take a larger one"
            mistake { Probe(listOf("A", "B"), .0, probe.near(), probe.far(), 10) } shouldBe
                "probe: expected a share of the sequences above 0 and up to 1, found 0.0; for none, leave the probe out"
            mistake { Probe(listOf("A", "B"), .1, probe.near(), probe.far(), 0) } shouldBe
                "probe: expected at least 1 example in each evaluation set, found 0"
            mistake { Probe.Gaps(5, 4) } shouldBe "probe: expected gaps of 0 <= least <= most tokens, found 5 to 4"
            val file = tempdir().toPath().resolve("short.txt")
            Files.writeString(file, "The first story is not so long.<|endoftext|>".repeat(2) + "a".repeat(45))
            val short = LocalText.read(file)
            mistake { LanguageTask(short, words, T, 1) } shouldBe
                "language: expected at least 1 story held out and 1 to train on, found 1 of 1 held out; hold out " +
                    "fewer, or give more text"
            Files.writeString(file, "The first story is not so long, or is it?<|endoftext|>".repeat(2))
            mistake { LanguageTask(LocalText.read(file), Gpt2Encoding.whole(), 64, 1) } shouldBe
                "language: expected text of at least one window of T + 1 = 65 tokens, found 24 in 2 local stories " +
                    "${LocalText.read(file).sha256().take(8)}; give more text, or use a smaller T"
            mistake { LanguageTask(generated, words, T, 44_739_243) } shouldBe
                "language: expected evaluation sets of at most 2147483647 tokens, found 44739243 held-out stories of " +
                    "T = 48; take fewer"
            mistake { LanguageTask(generated, words, 0, 1) } shouldBe
                "language: expected sequences of at least T = 1 token, found 0"
        }

        "answers drawn apart: as many as sequences where each is asked once, none where they are asked all along" {
            for (set in task.evaluationSets()) {
                val batch = (set as EvaluationSet.Given).all().get()
                val targets = batch.targets().count { it != Batch.IGNORE }
                withClue(set.name()) {
                    set.answers(1000) shouldBe if (targets == batch.size()) batch.size() else 0
                    set.answers(3) shouldBe if (targets == batch.size()) 3 else 0
                }
            }
            task.evaluationSets().count { it.answers(1) == 1 } shouldBe 4
        }
    })

private const val GOLDEN =
    "aa0471596b4dd9a4082bbaa873c5b350ae251e13d99e59eb41ffa9cc06513cae\n" +
        "1ac590f02d1b9963ad6777668b2936dbcf7f44fac07f2dda2e2c3c3fac42e8aa\n" +
        "b66c7a43b5075f178e2c7db0c65748bf8891abe9cc8a901615ab2727bef59418"

private const val GOLDEN_SETS =
    "2024fe2032ebc0922eb37c82c3208145b07d6080dd405c1a99b73b0407fdf8f6\n" +
        "7d6e2a0f05cd99c19e757d0cd12b44dfa0ba2debb0beb8182fc0073cd789ee44\n" +
        "8609a3a7c44dd48c5acf3700c92dd45312054ba24cdbc873a9c987fbd938d485\n" +
        "69088d37da14cc06d88248635c55803f2d5f83818b6360b32eb5b414701772cb\n" +
        "6053028974de7efc99ccfb4c52b57e3e9b63d66e25ed97b30526b99bd12a4445\n" +
        "c93cf1a684fa4661986febae63e9eaafa619cf782dac25095460380c1263d500"
