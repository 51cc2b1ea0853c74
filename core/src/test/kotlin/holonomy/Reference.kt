package holonomy

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.nameWithoutExtension
import kotlin.math.abs

/**
 * The reference vectors: cases computed in float64 by an independent program. Read from the test resources and from the
 * folder that the system property `reference.dir` names, if any.
 */
object Reference {
    private val json = ObjectMapper()

    /** One case: its scalars and its tensors. [name] is `folder/file`, for messages. */
    class Case(val name: String, val config: JsonNode, val expected: JsonNode, val tensors: Map<String, Tensor>) {
        fun tensor(tensor: String): Tensor =
            tensors[tensor] ?: error("$name has no tensor '$tensor'; it has ${tensors.keys}")
    }

    /** A tensor as stored: row-major, little-endian, F32, F64 or I64. */
    class Tensor(val dtype: String, val shape: List<Int>, private val bytes: ByteBuffer) {
        val size: Int = shape.fold(1, Int::times)

        fun floats(): FloatArray = FloatArray(size) { double(it).toFloat() }

        fun doubles(): DoubleArray = DoubleArray(size) { double(it) }

        fun longs(): LongArray {
            require(dtype == "I64") { "expected an I64 tensor, found $dtype" }
            return LongArray(size) { bytes.getLong(8 * it) }
        }

        private fun double(i: Int): Double =
            when (dtype) {
                "F32" -> bytes.getFloat(4 * i).toDouble()
                "F64" -> bytes.getDouble(8 * i)
                "I64" -> bytes.getLong(8 * i).toDouble()
                else -> error("unsupported dtype $dtype, expected F32, F64 or I64")
            }
    }

    /** Every case whose kind begins with [prefix], for instance `trajectory`; fails when there is none. */
    fun cases(prefix: String): List<Case> =
        folders()
            .flatMap { it.listDirectoryEntries("*.json").sorted() }
            .map { it to json.readTree(it.toFile()) }
            .filter { (_, tree) -> tree.path("case").asText().startsWith(prefix) }
            .map { (path, tree) ->
                Case(
                    "${path.parent.fileName}/${path.nameWithoutExtension}",
                    tree.path("config"),
                    tree.path("expected"),
                    tensors(path),
                )
            }
            .ifEmpty { error("no reference case begins with '$prefix' in ${folders()}") }

    /**
     * The small language model with a tied head and a probe group; its whole description is both config and expected.
     */
    fun language(): Case {
        val path = folders()[0].resolve("language/language.json")
        val tree = json.readTree(path.toFile())
        return Case("language", tree, tree, tensors(path))
    }

    /** max|ours - reference| / max|reference|. */
    fun relativeError(ours: DoubleArray, reference: DoubleArray): Double {
        require(ours.size == reference.size) { "sizes differ: ours ${ours.size}, reference ${reference.size}" }
        return ours.indices.maxOf { abs(ours[it] - reference[it]) } / reference.maxOf { abs(it) }
    }

    /** The same of float32 values. */
    fun relativeError(ours: FloatArray, reference: FloatArray): Double =
        relativeError(
            DoubleArray(ours.size) { ours[it].toDouble() },
            DoubleArray(reference.size) { reference[it].toDouble() },
        )

    private fun folders(): List<Path> {
        val own = Path.of(checkNotNull(Reference::class.java.getResource("/reference")).toURI())
        val more = System.getProperty("reference.dir").orEmpty()
        return listOf(own) + if (more.isBlank()) emptyList() else listOf(Path.of(more))
    }

    private fun tensors(case: Path): Map<String, Tensor> {
        check(case.extension == "json")
        val bytes =
            ByteBuffer.wrap(Files.readAllBytes(case.resolveSibling(case.nameWithoutExtension + ".safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN)
        val header = bytes.getLong(0).toInt()
        val tree = json.readTree(bytes.array(), 8, header)
        return tree
            .fieldNames()
            .asSequence()
            .filter { it != "__metadata__" }
            .associateWith { tensor(tree.get(it), bytes, 8 + header) }
    }

    private fun tensor(entry: JsonNode, bytes: ByteBuffer, data: Int): Tensor {
        val (begin, end) = entry.get("data_offsets").map { it.asInt() }
        val slice = bytes.slice(data + begin, end - begin).order(ByteOrder.LITTLE_ENDIAN)
        return Tensor(entry.get("dtype").asText(), entry.get("shape").map { it.asInt() }, slice)
    }
}
