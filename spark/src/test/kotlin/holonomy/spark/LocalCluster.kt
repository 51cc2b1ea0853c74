package holonomy.spark

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.createTempDirectory
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isRegularFile
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.writeText
import org.apache.spark.launcher.JavaModuleOptions

/**
 * The cluster of `scripts/local-cluster` with the jars of this test's class path: a master and two workers, shared by
 * all specs.
 */
object LocalCluster {
    private val root = Path.of(System.getProperty("holonomy.root"))
    private val folder = createTempDirectory("holonomy-cluster")
    private val classPath = System.getProperty("java.class.path").split(File.pathSeparator).map(Path::of)

    /** Holonomy's own classes as jars, which a driver sends to its executors. */
    val ownJars: List<Path> =
        listOf("core", "spark").map { module -> jar(ownClasses(module), folder.resolve("holonomy-$module.jar")) }

    /** The folder of a module's classes. */
    fun ownClasses(module: String): Path = root.resolve("$module/target/classes")

    private val sparkHome =
        folder.resolve("home").also { home ->
            home.resolve("jars").createDirectories()
            home.resolve("module-options").writeText(JavaModuleOptions.defaultModuleOptions())
            classPath
                .filter { it.name.endsWith(".jar") }
                .forEach { home.resolve("jars/${it.name}").createSymbolicLinkPointingTo(it) }
        }

    val address: String by lazy {
        Runtime.getRuntime().addShutdownHook(Thread { script("stop") })
        script("start").trim()
    }

    private fun script(command: String): String {
        val process =
            ProcessBuilder("$root/scripts/local-cluster", command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .apply {
                    environment() +=
                        mapOf(
                            "SPARK_HOME" to "$sparkHome",
                            "HOLONOMY_CLUSTER" to "$folder/cluster",
                            "CLUSTER_PORT" to "0",
                            "CLUSTER_MEMORY" to "8g",
                            "JAVA_HOME" to System.getProperty("java.home"),
                        )
                }
                .start()
        process.outputStream.close()
        val said = process.inputReader().readText()
        check(process.waitFor() == 0) { "local-cluster $command: $said" }
        return said
    }

    /** Runs [block] with the system properties that the launcher would set, and [more]. */
    fun <T> asDriver(vararg more: Pair<String, String>, block: () -> T): T {
        val properties =
            mapOf(
                Settings.JARS to ownJars.joinToString(File.pathSeparator),
                "spark.ui.enabled" to "false",
                "spark.executor.memory" to "1g",
                "spark.executor.extraJavaOptions" to "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            ) + more
        properties.forEach(System::setProperty)
        try {
            return block()
        } finally {
            properties.keys.forEach(System::clearProperty)
        }
    }
}

/** All files below [folder] in a jar at [target], those of [instead] in place of their own. */
fun jar(folder: Path, target: Path, instead: Map<String, String> = mapOf()): Path {
    JarOutputStream(Files.newOutputStream(target)).use { jar ->
        Files.walk(folder)
            .use { files -> files.filter { it.isRegularFile() }.toList() }
            .forEach { file ->
                val name = file.relativeTo(folder).invariantSeparatorsPathString
                jar.putNextEntry(JarEntry(name))
                jar.write(instead[name]?.toByteArray() ?: file.readBytes())
            }
    }
    return target
}
