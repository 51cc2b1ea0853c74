package holonomy.store

import holonomy.Nightly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.util.Random
import kotlin.experimental.xor

/** Of each kind of file; the last of them only nightly. */
private const val FLIPS = 200

private const val DAILY_FLIPS = 20

/** Rotten bytes, one bit at a time, in every kind of file that a store has. */
class BitFlipTest :
    FreeSpec({
        val tiny = TinyStore()
        afterSpec { tiny.close() }
        val run = tiny.finished.id()
        val open = tiny.interrupted.id()

        fun kind(path: String): String =
            path
                .replace(run, "RUN")
                .replace(open, "OPEN")
                .replace(tiny.leased, "ID")
                .replace(Regex("^[0-9a-f]{64}"), "DERIVED")
                .replace(Regex("step-\\d+"), "step-N")
                .replace(Regex("-[0-9a-f]{8}\\."), "-X.")
                .replace(Regex("checkpoint/\\d+"), "checkpoint/N")

        "an unharmed store says nothing, and everything is read" {
            val finished = tiny.use(run)
            val interrupted = tiny.use(open)
            (finished.said + interrupted.said).shouldBeEmpty()
            finished.read.keys shouldContainAll
                listOf("listed $run", "asked $run", "trajectory", "end", "derived table")
            interrupted.read.keys shouldContainAll listOf("unfinished $open", "checkpoint")
        }

        // Of several files of a kind the first is enough.
        tiny.files().groupBy(::kind).forEach { (kind, files) ->
            val file = files.first()
            fun flip(range: IntRange) {
                val random = Random(kind.hashCode().toLong())
                val bytes = Files.readAllBytes(tiny.root.resolve(file))
                val bits = List(FLIPS) { random.nextInt(bytes.size * 8) }.slice(range)
                var named = 0
                val whole = tiny.use(file)
                for (bit in bits) {
                    val flipped = bytes.clone().also { it[bit / 8] = it[bit / 8] xor (1 shl bit % 8).toByte() }
                    val use = tiny.useWith(file, flipped)
                    val other = use.read.filter { (name, value) -> value != whole.read[name] }.keys
                    val missing = whole.read.keys - use.read.keys
                    val isNamed = use.said.any { file.substringAfterLast('/') in it }
                    withClue({ "bit $bit of $file; other $other, missing $missing, said ${use.said}" }) {
                        (other.isEmpty() && (missing.isEmpty() || isNamed)) shouldBe true
                    }
                    if (use.said.isNotEmpty()) named++
                }
                tiny.use(file).read shouldBe whole.read
                println("flips in $kind: $named named, ${bits.size - named} of no effect, 0 silent")
            }
            "$DAILY_FLIPS flips in $kind" { flip(0 until DAILY_FLIPS) }
            "the rest of $FLIPS flips in $kind".config(tags = setOf(Nightly)) { flip(DAILY_FLIPS until FLIPS) }
        }
    })
