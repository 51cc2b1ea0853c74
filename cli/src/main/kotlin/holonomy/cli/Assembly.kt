package holonomy.cli

import java.io.ByteArrayOutputStream
import java.io.File
import java.util.jar.Attributes.Name
import java.util.jar.JarEntry
import java.util.jar.JarFile
import java.util.jar.JarOutputStream
import java.util.jar.Manifest

/**
 * Several jars in one: of entries with one name the first is kept, lists of services are joined, signatures (which
 * would no longer hold) and module descriptors are left out.
 */
internal class Assembly(private val jars: List<File>, private val mainClass: String) {
    private val services = sortedMapOf<String, ByteArrayOutputStream>()
    private val written = mutableSetOf(JarFile.MANIFEST_NAME)

    /** Writes the jar at [target], whole or not at all. */
    fun write(target: File) {
        target.absoluteFile.parentFile.mkdirs()
        val unfinished = File("$target.new")
        JarOutputStream(unfinished.outputStream().buffered(), manifest()).use { out ->
            out.setLevel(LEVEL)
            jars.forEach { copy(it, out) }
            services.forEach { (name, lines) -> out.put(name, lines.toByteArray()) }
        }
        target.delete()
        check(unfinished.renameTo(target)) { "$unfinished cannot be renamed to $target" }
    }

    private fun manifest() =
        Manifest().apply {
            mainAttributes[Name.MANIFEST_VERSION] = "1.0"
            mainAttributes[Name.MAIN_CLASS] = mainClass
            mainAttributes[Name.MULTI_RELEASE] = "true"
        }

    private fun copy(file: File, out: JarOutputStream) {
        JarFile(file).use { jar ->
            for (entry in jar.entries()) {
                val name = entry.name
                if (entry.isDirectory || SKIPPED.containsMatchIn(name)) continue
                val bytes = { jar.getInputStream(entry).use { it.readBytes() } }
                if (name.startsWith(SERVICES)) {
                    services.getOrPut(name, ::ByteArrayOutputStream).apply { write(bytes() + '\n'.code.toByte()) }
                } else if (written.add(name)) {
                    out.put(name, bytes())
                }
            }
        }
    }

    private fun JarOutputStream.put(name: String, bytes: ByteArray) {
        putNextEntry(JarEntry(name).apply { time = 0 })
        write(bytes)
        closeEntry()
    }

    private companion object {
        const val SERVICES = "META-INF/services/"
        /** Natives are most of it, and hardly get smaller. */
        const val LEVEL = 1
        val SKIPPED = Regex("""^META-INF/([^/]+\.(SF|RSA|DSA|EC)|INDEX\.LIST)$|(^|/)module-info\.class$""")
    }
}
