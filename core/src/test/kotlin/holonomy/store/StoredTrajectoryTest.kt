package holonomy.store

import holonomy.data.SafeTensors
import holonomy.data.Tensor
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.TreeMap

class StoredTrajectoryTest :
    FreeSpec({
        val folder = tempdir().toPath()

        fun snapshot(name: String, step: String?, size: Int = 6): Path {
            val start = step?.toFloatOrNull() ?: 0f
            val q = Tensor.F32(longArrayOf(2, size / 2L), FloatArray(size) { start + it })
            val file = folder.resolve(name)
            SafeTensors.write(
                file,
                TreeMap(mapOf("W_Q" to q, "W_K" to Tensor.of(-start))),
                step?.let { mapOf("step" to it) } ?: mapOf(),
            )
            return file
        }

        "blocks are read in pieces, in the order asked for" {
            val files = listOf(snapshot("a", "0"), snapshot("b", "100"), snapshot("c", "250"))
            StoredTrajectory.open(files, listOf("W_Q", "W_K")).use { path ->
                path.blocks() shouldBe listOf("W_Q", "W_K")
                path.snapshots() shouldBe 3
                path.steps().toList() shouldBe listOf(0L, 100L, 250L)
                path.dimension("W_Q") shouldBe 6
                val into = FloatArray(3)
                path.read(2, "W_Q", 2, into, 3)
                into.toList() shouldBe listOf(252f, 253f, 254f)
                path.read(1, "W_K", 0, into, 1)
                into[0] shouldBe -100f
            }
        }

        "snapshots that make no trajectory are named" {
            val first = snapshot("a", "10")
            fun refusal(vararg files: Path, blocks: List<String> = listOf("W_Q")) =
                shouldThrow<UserError> { StoredTrajectory.open(files.toList(), blocks) }.message
            val same = snapshot("same", "10")
            refusal(first, same) shouldBe "snapshot $same: expected a step after 10, found 10"
            val small = snapshot("small", "20", size = 4)
            refusal(first, small) shouldBe "snapshot $small: expected 6 weights in block 'W_Q', found 4"
            val bare = snapshot("bare", null)
            refusal(bare) shouldBe "snapshot $bare: expected a whole number 'step' in its header, found ''"
            refusal(first, blocks = listOf("W_V")) shouldBe "no tensor 'W_V' in $first; it has W_K, W_Q"
            val none = folder.resolve("none")
            refusal(first, none) shouldBe "snapshot $none cannot be read: missing"
        }
    })
