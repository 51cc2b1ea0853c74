package holonomy.host

import java.io.File
import java.security.MessageDigest
import java.util.HexFormat

/**
 * What this JVM was started with for scripts, existing entries only: its class path without what only a cluster needs,
 * which the launcher tells.
 */
internal fun ownClassPath(): List<File> =
    (System.getProperty("holonomy.classpath") ?: System.getProperty("java.class.path"))
        .split(File.pathSeparator)
        .map(::File)
        .filter(File::exists)

/** Kotlin looks for its own jars by their names on the class path; where they lie in an assembly, it must be told. */
internal fun tellKotlinWhereItIs() {
    val own = File(ScriptError::class.java.protectionDomain.codeSource.location.toURI())
    if (own.isFile && ownClassPath().none { it.name.startsWith("kotlin-main-kts") }) {
        System.setProperty("kotlin.script.classpath", own.path)
    }
}

/**
 * What scripts are compiled against: all of [ownClassPath] but the compiler itself, native libraries and test engines.
 */
internal fun scriptClassPath(all: List<File>): List<File> =
    all.filterNot { file -> NOT_FOR_SCRIPTS.any(file.name::startsWith) }

private val NOT_FOR_SCRIPTS =
    listOf(
        "kotlin-compiler-embeddable",
        "kotlin-daemon-embeddable",
        "kotlin-scripting-compiler",
        "pytorch-native",
        "pytorch-jni",
    )

/**
 * A digest of a class path that changes whenever a jar or a class file in it does: paths, sizes and times of change of
 * every entry, folders walked. Class paths with equal digests load the same classes.
 */
internal fun digestOf(classPath: List<File>): String {
    val lines = classPath.flatMap { it.walkTopDown().filter(File::isFile).sortedBy(File::getPath) }
    return sha256(lines.joinToString("\n") { "${it.path} ${it.length()} ${it.lastModified()}" }.toByteArray())
}

/** SHA-256 as 64 hexadecimal digits. */
internal fun sha256(bytes: ByteArray): String =
    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
