package holonomy.data

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Random
import java.util.TreeMap
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

private const val INPUTS = 2000
private const val MOST_BYTES = 20_000_000L

private fun little(bytes: ByteArray) = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)

/** A good file with its length, its header or anything else changed. */
private fun mutate(good: ByteArray, random: Random): ByteArray {
    val bytes = good.copyOf()
    val header = Long.SIZE_BYTES + little(good).long.toInt()
    when (random.nextInt(6)) {
        0 -> little(bytes).putLong(0, LENGTHS[random.nextInt(LENGTHS.size)])
        1 -> return bytes.copyOf(random.nextInt(bytes.size + 1))
        2 -> return bytes + ByteArray(1 + random.nextInt(9))
        3 -> return reworded(bytes, header, random)
        4 -> random.nextInt(header).let { bytes[it] = (bytes[it].toInt() xor (1 shl random.nextInt(8))).toByte() }
        else -> repeat(3) { bytes[random.nextInt(header)] = random.nextInt(256).toByte() }
    }
    return bytes
}

private val LENGTHS = longArrayOf(0, 1, -1, 1L shl 60, Long.MIN_VALUE, Int.MAX_VALUE.toLong(), 99_999_999, 100_000_001)

/** The header with a word or number of it replaced, its length mended. */
private fun reworded(bytes: ByteArray, header: Int, random: Random): ByteArray {
    val text = String(bytes, Long.SIZE_BYTES, header - Long.SIZE_BYTES, Charsets.UTF_8)
    val words = Regex("\"[^\"]*\"|\\d+").findAll(text).toList()
    val changed = text.replaceRange(words[random.nextInt(words.size)].range, WORDS[random.nextInt(WORDS.size)])
    val start = ByteBuffer.allocate(Long.SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN)
    val encoded = changed.toByteArray()
    return start.putLong(encoded.size.toLong()).array() + encoded + bytes.copyOfRange(header, bytes.size)
}

private val WORDS =
    listOf(
        "\"F64\"",
        "\"shape\"",
        "\"X\"",
        "0",
        "-1",
        "4611686018427387904",
        "99999999999999999999",
        "null",
        "[]",
        "{}",
        "1.5",
    )

class MutatedSafeTensorsTest :
    FreeSpec({
        tags(Nightly)

        "of $INPUTS mutated files each is a clear error, or is read as its header says; none asks for much memory" {
            val file = tempdir().toPath().resolve("a.safetensors")
            val tensors =
                TreeMap<String, Tensor>(
                    mapOf(
                        "W_Q" to Tensor.F32(longArrayOf(2, 3), FloatArray(6) { it / 7f }),
                        "count" to Tensor.I64(longArrayOf(), longArrayOf(-5)),
                        "none" to Tensor.F32(longArrayOf(0, 4), FloatArray(0)),
                        "wide" to Tensor.F64(longArrayOf(3), DoubleArray(3) { it / 7.0 }),
                    )
                )
            SafeTensors.write(file, tensors, mapOf("step" to "12"))
            val good = file.readBytes()
            val random = Random(16)
            var refused = 0
            var read = 0
            repeat(INPUTS) { number ->
                val bytes = mutate(good, random)
                file.writeBytes(bytes)
                withClue("input $number: ${bytes.toString(Charsets.ISO_8859_1)}") {
                    allocated {
                        try {
                            SafeTensorsFile.open(file).use { opened ->
                                opened.names().forEach { name -> shouldSay(bytes, opened, name) }
                            }
                            read++
                        } catch (clear: UserError) {
                            clear.message!!.length shouldBeGreaterThan 20
                            refused++
                        }
                    } shouldBeLessThan MOST_BYTES
                }
            }
            refused shouldBeGreaterThan INPUTS / 2
            read shouldBeGreaterThan INPUTS / 100
        }
    })

/** The tensor's shape and bytes are those that the file's own header gives, read here a second way. */
private fun shouldSay(bytes: ByteArray, opened: SafeTensorsFile, name: String) {
    val length = little(bytes).long.toInt()
    val entry = ObjectMapper().readTree(bytes, Long.SIZE_BYTES, length)[name]
    opened.shape(name).toList() shouldBe entry["shape"].map { it.longValue() }
    opened.dtype(name).name shouldBe entry["dtype"].textValue()
    val from = Long.SIZE_BYTES + length + entry["data_offsets"][0].intValue()
    val data = little(bytes.copyOfRange(from, Long.SIZE_BYTES + length + entry["data_offsets"][1].intValue()))
    when (val tensor = opened.tensor(name)) {
        is Tensor.F64 -> tensor.values().forEach { it.toRawBits() shouldBe data.double.toRawBits() }
        is Tensor.I64 ->
            tensor.values().forEach {
                it shouldBe if (entry["dtype"].textValue() == "I64") data.long else data.int.toLong()
            }
        is Tensor.F32 ->
            if (entry["dtype"].textValue() == "F32")
                tensor.values().forEach { it.toRawBits() shouldBe data.float.toRawBits() }
    }
}
