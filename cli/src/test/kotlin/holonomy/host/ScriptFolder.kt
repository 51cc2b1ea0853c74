package holonomy.host

import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import java.io.File
import kotlin.io.path.createTempDirectory

/** A folder of scripts with a prelude, removed on close. */
internal class ScriptFolder : AutoCloseable {
    private val root: File = createTempDirectory("scripts").toFile().canonicalFile
    val cache = File(root, "cache")

    fun write(path: String, text: String): File =
        File(root, path).apply {
            parentFile.mkdirs()
            writeText(text.trimIndent())
        }

    fun declare(script: File, invocation: Invocation = Invocation()): List<Experiment> =
        ScriptHost(cache).declare(script, invocation)

    override fun close() {
        root.deleteRecursively()
    }
}
