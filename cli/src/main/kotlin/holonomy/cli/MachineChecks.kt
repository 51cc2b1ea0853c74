package holonomy.cli

import com.sun.management.OperatingSystemMXBean
import holonomy.data.Query
import holonomy.data.TemporaryFolder
import java.awt.GraphicsEnvironment
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale

private const val GIB = 1L shl 30
private const val MIN_JDK = 17

internal fun checkJdk(): Check {
    val found = "${System.getProperty("java.vendor")} ${Runtime.version()}, ${System.getProperty("java.home")}"
    return if (Runtime.version().feature() >= MIN_JDK) Check("jdk", Verdict.OK, found)
    else Check("jdk", Verdict.PROBLEM, found, "install a JDK $MIN_JDK or newer and set JAVA_HOME to it")
}

internal fun checkThreads(): Check {
    val cores = Runtime.getRuntime().availableProcessors()
    val perRun = System.getProperty("ai.djl.pytorch.num_threads") ?: "the engine's default"
    val found = "$cores cores: $cores runs side by side (--workers), threads inside a run: $perRun"
    return if (perRun == "1") Check("threads", Verdict.OK, found)
    else Check("threads", Verdict.WARNING, found, "start through ./holonomy, which sets one thread per run")
}

internal fun checkMemory(): Check {
    val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
    val heap = Runtime.getRuntime().maxMemory()
    val found =
        "${gib(system.totalMemorySize)} in all, ${gib(system.freeMemorySize)} unused, Java heap up to ${gib(heap)}"
    return when {
        system.totalMemorySize < 2 * GIB ->
            Check("memory", Verdict.PROBLEM, found, "the quick profile needs 2 GiB; the others 4")
        system.totalMemorySize < 4 * GIB ->
            Check("memory", Verdict.WARNING, found, "use --profile quick, or --workers 1")
        else -> Check("memory", Verdict.OK, found)
    }
}

internal fun checkFonts(): Check =
    Check.of("fonts", "install fontconfig and a font: apt-get install fontconfig fonts-dejavu-core") {
        val families = GraphicsEnvironment.getLocalGraphicsEnvironment().availableFontFamilyNames
        when {
            "DejaVu Sans" in families ->
                Check("fonts", Verdict.OK, "DejaVu Sans and ${families.size - 1} other families")
            else ->
                Check(
                    "fonts",
                    Verdict.WARNING,
                    "${families.size} families, DejaVu Sans is not among them: PNGs will look different",
                    "apt-get install fonts-dejavu-core",
                )
        }
    }

/** Unpacks DuckDB's library into the folder for temporary files, loads it and lets it do something. */
internal fun checkTemporary(): Check =
    Check.of("temp", TemporaryFolder.REMEDY) {
        TemporaryFolder.require()
        Query.run(emptyMap(), "SELECT 1")
        Check("temp", Verdict.OK, "${TemporaryFolder.path()}: DuckDB's library was loaded from there")
    }

internal fun checkDisk(store: Path): Check =
    Check.of("disk", "choose another place: --store DIR") {
        val free = Files.getFileStore(nearestFolder(store)).usableSpace
        val found = "${gib(free)} free at $store"
        when {
            free < GIB / 2 ->
                Check("disk", Verdict.PROBLEM, found, "free some space, or choose another place: --store DIR")
            free < 5 * GIB ->
                Check("disk", Verdict.WARNING, found, "enough for quick; standard and paper may need 5 GiB")
            else -> Check("disk", Verdict.OK, found)
        }
    }

/** Creates and removes a file where the store is or would be. */
internal fun checkStore(store: Path): Check =
    Check.of("store", "make it writable for you, or choose another place: --store DIR") {
        val folder = nearestFolder(store)
        Files.delete(Files.createTempFile(folder, ".doctor-", ".tmp"))
        Check(
            "store",
            Verdict.OK,
            if (folder == store) "$store is writable" else "$store will be made; $folder is writable",
        )
    }

private fun nearestFolder(path: Path): Path = generateSequence(path) { it.parent }.first { Files.isDirectory(it) }

private fun gib(bytes: Long) = "%.1f GiB".format(Locale.ROOT, bytes.toDouble() / GIB)
