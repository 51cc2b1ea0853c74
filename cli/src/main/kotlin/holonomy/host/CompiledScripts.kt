package holonomy.host

import holonomy.data.AtomicFiles
import java.io.File
import kotlin.script.experimental.api.CompiledScript
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.dependencies
import kotlin.script.experimental.jvm.JvmDependency
import kotlin.script.experimental.jvm.impl.KJvmCompiledScript
import kotlin.script.experimental.jvmhost.loadScriptFromJar
import kotlin.script.experimental.jvmhost.saveToJar

/**
 * Compiled scripts on disk, never stale: an entry counts only while every file that went into it (the script, all it
 * imports directly or not, the jars it asked for) has the content it had then. Files are written beside their place and
 * renamed, so that processes may share the folder.
 *
 * @param folder where entries lie; its name must change with the class path the scripts are compiled against
 * @param classPath that class path; what a script uses beyond it is recorded with the entry
 */
internal class CompiledScripts(private val folder: File, private val classPath: Set<File>) {

    /** The compiled form of [script], or null where there is none that is up to date. */
    fun find(script: File): CompiledScript? {
        val inputs = inputsFile(script)
        val jar = jarFile(script)
        if (!inputs.isFile || !jar.isFile) return null
        val upToDate = inputs.readLines().all { line -> fingerprint(File(line.substringAfter(' '))) == line }
        return if (upToDate) jar.loadScriptFromJar(checkMissingDependencies = true) else null
    }

    /**
     * Stores the compiled form of [script], unless one of its files was written after [started] (milliseconds of the
     * epoch), when the compilation began: then nobody knows which content was compiled.
     */
    fun store(script: File, compiled: KJvmCompiledScript, started: Long) {
        val inputs = listOf(script) + importsOf(compiled) + jarsOf(compiled)
        if (inputs.any { it.lastModified() > started }) return
        folder.mkdirs()
        inputsFile(script).delete()
        replace(jarFile(script)) { compiled.saveToJar(it) }
        replace(inputsFile(script)) { it.writeText(inputs.distinct().joinToString("\n", transform = ::fingerprint)) }
    }

    private fun importsOf(compiled: CompiledScript): List<File> =
        compiled.otherScripts.flatMap { listOfNotNull(it.sourceLocationId?.let(::File)) + importsOf(it) }

    private fun jarsOf(compiled: CompiledScript): List<File> =
        compiled.compilationConfiguration[ScriptCompilationConfiguration.dependencies]
            .orEmpty()
            .filterIsInstance<JvmDependency>()
            .flatMap { it.classpath }
            .filter { it !in classPath && it.isFile } + compiled.otherScripts.flatMap(::jarsOf)

    private fun jarFile(script: File) = File(folder, sha256(script.path.toByteArray()) + ".jar")

    private fun inputsFile(script: File) = File(folder, sha256(script.path.toByteArray()) + ".inputs")

    private fun replace(target: File, write: (File) -> Unit) {
        AtomicFiles.standard().writeUnsynced(target.toPath()) { write(it.toFile()) }
    }

    private fun fingerprint(file: File): String =
        "${if (file.isFile) sha256(file.readBytes()) else "missing"} ${file.path}"
}
