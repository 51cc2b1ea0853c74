package holonomy.geometry

import holonomy.Nightly
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import java.lang.management.ManagementFactory
import java.nio.file.Path

private const val BLOCKS = 20
private const val SNAPSHOTS = 200
private const val DIMENSION = 16_384

/** Every window of every block beside its exact nulls; returns the number of spectra. */
private fun analyse(trajectory: Trajectory): Int {
    val nulls = listOf(WalkNull.Uncorrelated(), WalkNull.DriftPlusNoise(1e-5), WalkNull.Autoregressive())
    return trajectory.blocks().sumOf { block ->
        val gram = Gram.of(trajectory, block)
        val whole = listOf(Centring.FROM_START, Centring.ROW_NORMALISED).count { Spectrum.of(gram, it).isDefined }
        whole +
            Windows.expanding(gram.snapshots()).sumOf { t ->
                val window = gram.prefix(t)
                val spectra = nulls.flatMap { NullSpectrum.of(it, window, Centring.CENTRED).spectra() }
                (spectra + Spectrum.of(window, Centring.CENTRED)).count { it.isDefined }
            }
    }
}

/** Runs the analysis once in this fresh JVM; prints the number of spectra, processor and wall seconds. */
fun main() {
    val walk = randomWalk(SNAPSHOTS, DIMENSION, seed = 1)
    val trajectory = ArrayTrajectory.of((1..BLOCKS).associate { "W$it" to walk }, LongArray(SNAPSHOTS) { 100L * it })
    val clock = ManagementFactory.getThreadMXBean()
    val (wall, processor) = System.nanoTime() to clock.currentThreadCpuTime
    val spectra = analyse(trajectory)
    println("$spectra ${(clock.currentThreadCpuTime - processor) / 1e9} ${(System.nanoTime() - wall) / 1e9}")
}

private fun inFreshJvm(heap: String): String {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val process =
        ProcessBuilder(
                java,
                "-Xmx$heap",
                "-cp",
                System.getProperty("java.class.path"),
                "holonomy.geometry.AnalysisTimeTestKt",
            )
            .redirectErrorStream(true)
            .start()
    return process.inputStream.bufferedReader().readText().also { process.waitFor() shouldBe 0 }
}

class AnalysisTimeTest :
    FreeSpec({
        // How long it takes is the bench's to judge (`holonomy bench`, spectra).
        "200 snapshots of 20 blocks of 16,384 weights, 25 windows and three nulls each: within 1 GB"
            .config(tags = setOf(Nightly)) {
                val (spectra, seconds, wall) = inFreshJvm(heap = "1g").trim().lines().last().split(" ")
                println(
                    "analysis of $SNAPSHOTS snapshots x $BLOCKS blocks x $DIMENSION: $seconds s ($wall s of wall time) in 1 GB of heap"
                )
                spectra.toInt() shouldBe BLOCKS * (2 + 25 * 4)
            }
    })
