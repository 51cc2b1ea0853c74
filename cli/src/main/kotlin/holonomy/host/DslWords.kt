package holonomy.host

import holonomy.dsl.Experiment
import java.io.File
import java.lang.reflect.Modifier
import java.util.zip.ZipFile

/** The words that `holonomy.dsl` and the studies' packages give to scripts, as their compiled classes have them. */
internal object DslWords {
    private val WORDS = Regex("holonomy/(dsl|study/\\w+)/[^/$]+\\.class")
    private val GETTER = Regex("get[A-Z].*")
    private val EVERY_CLASS_HAS = Regex("equals|hashCode|toString|copy|component\\d+|valueOf|values|entries|main")

    /** Functions, properties and classes, without those that only the library itself sees. */
    val all: Set<String> by lazy { classes().flatMapTo(sortedSetOf(), ::wordsOf) }

    private fun classes(): List<Class<*>> {
        val place = File(Experiment::class.java.protectionDomain.codeSource.location.toURI())
        val files =
            if (place.isDirectory) place.walk().map { it.relativeTo(place).invariantSeparatorsPath }.toList()
            else ZipFile(place).use { zip -> zip.stream().map { it.name }.toList() }
        return files.filter(WORDS::matches).map {
            Class.forName(it.removeSuffix(".class").replace('/', '.'), false, Experiment::class.java.classLoader)
        }
    }

    private fun wordsOf(type: Class<*>): List<String> {
        val public = type.declaredMethods.filter { Modifier.isPublic(it.modifiers) }
        val words =
            public.map { method ->
                method.name.let { if (it.matches(GETTER)) it.drop(3).replaceFirstChar(Char::lowercase) else it }
            }
        val own =
            if (type.name.endsWith("Kt") || !Modifier.isPublic(type.modifiers)) emptyList() else listOf(type.simpleName)
        return (words + own).filterNot { '$' in it || '-' in it || it.matches(EVERY_CLASS_HAS) }
    }
}
