package holonomy.data

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.arbitrary
import io.kotest.property.arbitrary.boolean
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.list
import io.kotest.property.checkAll
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Path
import java.util.TreeMap
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** A file with this header and data, laid out by hand: u64 length, header, data, all little-endian. */
private fun Path.lay(header: String, data: ByteArray = ByteArray(0)): Path = apply {
    val text = header.toByteArray()
    val length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.size.toLong()).array()
    writeBytes(length + text + data)
}

private fun littleEndian(bytes: Int, fill: ByteBuffer.() -> Unit): ByteArray =
    ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).apply(fill).array()

private val tensors =
    arbitrary<Tensor> {
        val shape = Arb.list(Arb.int(0..4), 0..3).bind().map { it.toLong() }.toLongArray()
        val count = shape.fold(1L, Long::times).toInt()
        val random = it.random
        when (random.nextInt(3)) {
            0 -> Tensor.F32(shape, FloatArray(count) { Float.fromBits(random.nextInt()) })
            1 -> Tensor.F64(shape, DoubleArray(count) { Double.fromBits(random.nextLong()) })
            else -> Tensor.I64(shape, LongArray(count) { random.nextLong() })
        }
    }

class SafeTensorsTest :
    FreeSpec({
        val folder = tempdir().toPath()
        val file = folder.resolve("a.safetensors")

        "the bytes are those of the published format" {
            val values =
                TreeMap(
                    mapOf<String, Tensor>("b" to Tensor.of(1f, -2.5f, 3f), "a" to Tensor.of(7L), "c" to Tensor.of(0.5))
                )
            SafeTensors.write(file, values, mapOf("step" to "3", "id" to "ü"))
            val header =
                """{"__metadata__":{"id":"ü","step":"3"},""" +
                    """"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},""" +
                    """"c":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},""" +
                    """"b":{"dtype":"F32","shape":[3],"data_offsets":[16,28]}}"""
            val padded = header + " ".repeat((8 - header.toByteArray().size % 8) % 8)
            val data = littleEndian(28) { putLong(7).putDouble(0.5).putFloat(1f).putFloat(-2.5f).putFloat(3f) }
            file.readBytes().toList() shouldBe folder.resolve("expected").lay(padded, data).readBytes().toList()
            (padded.toByteArray().size % 8) shouldBe 0
        }

        "what is written is read, bit for bit" {
            checkAll(PropTestConfig(seed = 3, iterations = 200), Arb.list(tensors, 0..4), Arb.boolean()) {
                list,
                labelled ->
                val named = TreeMap(list.mapIndexed { i, tensor -> "block.$i" to tensor }.toMap())
                val metadata = if (labelled) mapOf("k\"ey" to "v\nalue") else mapOf()
                SafeTensors.write(file, named, metadata)
                SafeTensors.read(file) shouldBe named
                SafeTensorsFile.open(file).use { it.metadata() shouldBe metadata }
            }
        }

        "tensors longer than a buffer, read in pieces" {
            val values = FloatArray(200_003) { it * 0.25f }
            val wide = DoubleArray(70_001) { -it.toDouble() }
            SafeTensors.write(
                file,
                TreeMap(mapOf<String, Tensor>("w" to Tensor.of(*values), "d" to Tensor.of(*wide))),
                mapOf(),
            )
            SafeTensorsFile.open(file).use { open ->
                open.names() shouldBe setOf("d", "w")
                open.shape("w").toList() shouldBe listOf(200_003L)
                open.tensor("w") shouldBe Tensor.of(*values)
                open.tensor("d") shouldBe Tensor.of(*wide)
                val part = FloatArray(150_001)
                open.read("w", 50_001, part, 150_001)
                part.toList() shouldBe values.toList().subList(50_001, 200_002)
                open.read("w", 200_003, part, 0)
                shouldThrow<IllegalArgumentException> { open.read("w", 200_000, part, 4) }
                open.read("d", 70_000, part, 1)
                part[0] shouldBe -70_000f
            }
        }

        "half precision is widened exactly" {
            // 1, -2, 65504 (largest), 2^-24 (smallest), 2^-14 (smallest normal), infinity, -0, NaN
            val halves = listOf(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0x8000, 0x7e00)
            val expected =
                listOf(1f, -2f, 65504f, 5.9604645e-8f, 6.1035156e-5f, Float.POSITIVE_INFINITY, -0f, Float.NaN)
            file.lay(
                """{"h":{"dtype":"F16","shape":[8],"data_offsets":[0,16]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[16,20]}}""",
                littleEndian(20) {
                    halves.forEach { putShort(it.toShort()) }
                    putShort(0x3f80).putShort(0xc2f7.toShort())
                },
            )
            val read = SafeTensors.read(file)
            (read["h"] as Tensor.F32).values().map { it.toBits() } shouldBe expected.map { it.toBits() }
            (read["b"] as Tensor.F32).values().toList() shouldBe listOf(1f, -123.5f)
        }

        "32-bit whole numbers become 64-bit ones; other types are named" {
            file.lay(
                """{"i":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""",
                littleEndian(9) { putInt(-5).putInt(6) },
            )
            SafeTensorsFile.open(file).use {
                it.tensor("i") shouldBe Tensor.of(-5L, 6L)
                shouldThrow<UserError> { it.tensor("u") }.message shouldBe
                    "tensor 'u' of $file holds U8; expected floating-point numbers (F64, F32, F16 or BF16)"
                shouldThrow<UserError> { it.tensor("x") }.message shouldBe "no tensor 'x' in $file; it has i, u"
            }
        }

        "tensors of types not known here are stepped over, and refused where they are asked for" {
            file.lay(
                """{"n":{"dtype":"F4","shape":[3,2],"data_offsets":[0,3]},"w":{"dtype":"F32","shape":[1],"data_offsets":[3,7]},""" +
                    """"z":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[7,8]}}""",
                littleEndian(8) { put(ByteArray(3)).putFloat(2.5f).put(1) },
            )
            SafeTensorsFile.open(file).use {
                it.names() shouldBe setOf("w")
                it.tensor("w") shouldBe Tensor.of(2.5f)
                it.unknownTypes() shouldBe mapOf("n" to "F4", "z" to "F8_E8M0")
                it.shape("n").toList() shouldBe listOf(3L, 2L)
                shouldThrow<UserError> { it.tensor("n") }
                    .message
                    .shouldContain(
                        "tensor 'n' of $file holds F4, a number type not known here; expected one of [BOOL, U8, "
                    )
            }
            shouldThrow<UserError> { SafeTensors.read(file) }.message.shouldContain("tensor 'n' of $file holds F4")
        }

        "damaged files are refused by name" -
            {
                val fine = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""
                fun refusal(header: String, bytes: Int = 8): String =
                    shouldThrow<UserError> { SafeTensorsFile.open(file.lay(header, ByteArray(bytes))).close() }
                        .message!!
                val damaged = "safetensors file $file is damaged or not of this format: expected"

                "data cut short" { refusal(fine, 7) shouldBe "$damaged 8 bytes of data, found 7 bytes" }
                "data too long" { refusal(fine, 12) shouldBe "$damaged 8 bytes of data, found 12 bytes" }
                "an empty file" {
                    file.writeBytes(ByteArray(3))
                    shouldThrow<UserError> { SafeTensorsFile.open(file) }.message shouldBe
                        "$damaged at least 8 bytes, found 3 bytes"
                }
                "a header cut short" {
                    file.writeBytes(folder.resolve("fine").lay(fine).readBytes().copyOf(30))
                    shouldThrow<UserError> { SafeTensorsFile.open(file) }.message shouldBe
                        "$damaged a header of at most 22 bytes, found ${fine.length}"
                }
                "a header length beyond any" {
                    file.writeBytes(ByteArray(20) { -1 })
                    shouldThrow<UserError> { SafeTensorsFile.open(file) }.message shouldBe
                        "$damaged a header of at most 12 bytes, found 18446744073709551615"
                }
                "no JSON" { refusal("{\"a\":").shouldContain("$damaged a header in JSON, found ") }
                "a JSON array" { refusal("[]", 0) shouldBe "$damaged a header that is a JSON object, found array" }
                "a type that is none" {
                    for (type in listOf("\"f32\"", "\"\"", "\"F 32\"", "5", "null", "[\"F32\"]")) {
                        val found = refusal(fine.replace("\"F32\"", type))
                        found.shouldContain("$damaged tensor 'a' with a dtype such as [BOOL, U8, ")
                    }
                    refusal(fine.replace("F32", "f32")).shouldContain("], found 'f32'")
                }
                "a type not known here, out of place" {
                    refusal(fine.replace("F32", "F4").replace("[0,8]", "[1,8]")) shouldBe
                        "$damaged tensor 'a' to begin at byte 0 of the data, found byte 1"
                }
                "a negative axis" {
                    refusal(fine.replace("[2]", "[-2]")) shouldBe
                        "$damaged tensor 'a' with whole numbers from 0 in shape, found [-2]"
                }
                "no shape" {
                    refusal(fine.replace("\"shape\":[2],", "")) shouldBe
                        "$damaged tensor 'a' with an array shape, found none"
                }
                "shape and bytes that differ" {
                    refusal(fine.replace("[2]", "[3]")) shouldBe
                        "$damaged tensor 'a' of 12 bytes (F32 [3]), found 8 bytes"
                }
                "a shape beyond 2^63 bytes" {
                    refusal(fine.replace("[2]", "[9223372036854775807,2]")) shouldBe
                        "$damaged tensor 'a' of at most 2^63 bytes, found [9223372036854775807, 2]"
                }
                "reversed offsets" {
                    refusal(fine.replace("[0,8]", "[8,0]")) shouldBe
                        "$damaged tensor 'a' with data_offsets [begin, end], found [8,0]"
                }
                "overlap" {
                    val second = ""","b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"""
                    refusal(fine.dropLast(1) + second, 12) shouldBe
                        "$damaged tensor 'b' to begin at byte 8 of the data, found byte 4"
                }
                "one name twice" {
                    refusal(fine.dropLast(1) + "," + fine.drop(1), 8).shouldContain("Duplicate field 'a'")
                }
            }

        "a shape that does not hold the numbers is refused" {
            shouldThrow<IllegalArgumentException> { Tensor.F32(longArrayOf(2, 3), FloatArray(5)) }.message shouldBe
                "tensor shape [2, 3] holds 6 numbers, 5 given"
        }
    })
