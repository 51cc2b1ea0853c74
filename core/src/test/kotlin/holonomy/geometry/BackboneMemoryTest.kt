package holonomy.geometry

import holonomy.Nightly
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.lang.management.ManagementFactory
import java.nio.file.Path

private const val SNAPSHOTS = 51

/** Made-up snapshots that are nowhere: weight d of snapshot t follows from t and d. */
private class MadeUp(private val weights: Long) : Trajectory {
    override fun blocks() = listOf("W")

    override fun dimension(block: String) = weights

    override fun steps() = LongArray(SNAPSHOTS) { 200L * it }

    override fun read(snapshot: Int, block: String, offset: Long, into: FloatArray, length: Int) {
        for (i in 0 until length) {
            val mixed = (offset + i) * 0x9E3779B97F4A7C15uL.toLong()
            into[i] = ((mixed shr 40) + snapshot * ((mixed shl 20) shr 40)).toFloat()
        }
    }
}

/** The backbone of made-up snapshots of so many weights, in this fresh JVM; prints PC1 and processor seconds. */
fun main(arguments: Array<String>) {
    val path = InitialDirection.of(MadeUp(arguments[0].toLong()), "W")
    val backbone = Backbone.of(path.removed(), Centring.ROW_NORMALISED)
    check(backbone.along().last() > 0)
    val seconds = ManagementFactory.getThreadMXBean().currentThreadCpuTime / 1e9
    println("${Spectrum.of(path.path(), Centring.ROW_NORMALISED).pc1Share()} $seconds")
}

private fun pc1(weights: Long, heap: String): Double {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val process =
        ProcessBuilder(
                java,
                "-Xmx$heap",
                "-cp",
                System.getProperty("java.class.path"),
                "holonomy.geometry.BackboneMemoryTestKt",
                "$weights",
            )
            .redirectErrorStream(true)
            .start()
    val printed = process.inputStream.bufferedReader().readText().also { process.waitFor() shouldBe 0 }
    println("$SNAPSHOTS snapshots of $weights weights in $heap of heap: $printed")
    return printed.trim().lines().last().split(" ")[0].toDouble()
}

class BackboneMemoryTest :
    FreeSpec({
        "51 snapshots of 1 M weights, 200 MB, in 32 MB of heap: one line" {
            pc1(1_000_000, "32m") shouldBe (1.0 plusOrMinus 1e-9)
        }

        "51 snapshots of 51 M weights, 10 GB, in 32 MB of heap"
            .config(tags = setOf(Nightly)) { pc1(51_045_888, "32m") shouldBe (1.0 plusOrMinus 1e-9) }
    })
