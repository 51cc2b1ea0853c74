package holonomy.host

import holonomy.data.UserError
import holonomy.dsl.OptionError
import holonomy.dsl.didYouMean
import java.io.File
import kotlin.script.experimental.api.ScriptDiagnostic
import kotlin.script.experimental.api.ScriptDiagnostic.Severity

/**
 * A script that doesn't compile, or declares what cannot be; the message holds every problem, each as `file:line:col:
 * message`.
 */
class ScriptError(val script: File, message: String) : UserError(message)

/**
 * All errors among [diagnostics] as people read them: place, message, the line in question, a caret under the column.
 * Where there are none, all warnings: a library that can't be fetched is one to the compiler.
 */
internal fun describeErrors(script: File, diagnostics: List<ScriptDiagnostic>): String =
    diagnostics
        .filter { it.severity >= Severity.ERROR }
        .ifEmpty { diagnostics.filter { it.severity == Severity.WARNING } }
        .map { describe(script, it) }
        .distinct()
        .joinToString("\n")
        .ifEmpty { "${shown(script)}: the script does not compile and the compiler gives no reason" }

private fun describe(script: File, diagnostic: ScriptDiagnostic): String {
    val file = diagnostic.sourcePath?.let(::File) ?: script
    val message = diagnostic.message + (unfinished(diagnostic.message) ?: meant(diagnostic.message, file))
    val start = diagnostic.location?.start ?: return "${shown(file)}: $message"
    return "${shown(file)}:${start.line}:${start.col}: $message${quoted(file, start.line, start.col)}"
}

/** The word of the DSL, or of the script itself, that an unresolved one is nearest to. */
private fun meant(message: String, script: File): String {
    val word = UNRESOLVED.find(message)?.groupValues?.get(1) ?: return ""
    val own = script.takeIf(File::isFile)?.readText().orEmpty()
    return didYouMean(word, DslWords.all + DECLARED.findAll(own).map { it.groupValues[1] })
}

/**
 * What to do where a library can't be fetched, or where a change has no size yet, or likeness no margin: they are no
 * statements, and can't be gone on with.
 */
private fun unfinished(message: String): String? {
    val goesOn = UNRESOLVED.find(message)?.groupValues?.get(1) in setOf("provided", "published", "below", "above")
    return when {
        "'Change'" in message || goesOn ->
            " After isAbove and isBelow say the smallest change that matters first, after isLike the largest " +
                "difference that doesn't: (a isAbove b by 0.05), byFactor 1.5; (a isLike b within 0.05), withinFactor 1.1"
        message.startsWith("The following artifacts could not be resolved") ->
            ". Check the coordinates, and that this machine reaches the repository"
        "'Likeness'" in message -> " Say the largest difference that doesn't matter: (a isLike b within 0.05)"
        else -> null
    }
}

private val UNRESOLVED = Regex("""[Uu]nresolved reference '([^']+)'""")
private val DECLARED = Regex("""\b(?:val|var|fun|class)\s+(\w+)""")

private fun quoted(file: File, line: Int, column: Int): String {
    val text = file.takeIf(File::isFile)?.useLines { it.drop(line - 1).firstOrNull() } ?: return ""
    val margin = text.take(column - 1).map { if (it == '\t') '\t' else ' ' }.joinToString("")
    return "\n    $text\n    $margin^"
}

/**
 * The frame in which a script (one of [scripts]) is to blame for [error]: for a mistake that our library or Kotlin's
 * `require` reports, the innermost script frame; for anything else, the innermost frame that is not the platform's, if
 * it is the script's. Frames that the compiler gave no line are passed over. Null: not the script's doing.
 */
internal fun guiltyFrame(error: Throwable, scripts: List<File>): StackTraceElement? {
    val names = scripts.map(File::getName)
    if (error is OptionError) return null
    val frames =
        error.stackTrace.filterNot { frame -> frame.lineNumber < 1 || PLATFORM.any(frame.className::startsWith) }
    val reported = error is UserError || error is IllegalArgumentException
    return if (reported) frames.firstOrNull { it.fileName in names }
    else frames.firstOrNull()?.takeIf { it.fileName in names }
}

/** `file:line: message` for an error that [frame] of a script caused, with the line in question. */
internal fun describeFailure(error: Throwable, frame: StackTraceElement, scripts: List<File>): String {
    val file = scripts.first { it.name == frame.fileName }
    val message = if (error is UserError || error is IllegalArgumentException) error.message else error.toString()
    val text = file.takeIf(File::isFile)?.useLines { it.drop(frame.lineNumber - 1).firstOrNull() }
    return "${shown(file)}:${frame.lineNumber}: $message" + text?.let { "\n    ${it.trim()}" }.orEmpty()
}

/** A path as the user would write it: relative to the working folder where it lies below it. */
internal fun shown(file: File): String {
    val here = File("").absoluteFile
    return if (file.startsWith(here)) file.relativeTo(here).path else file.path
}

private val PLATFORM = listOf("java.", "javax.", "jdk.", "sun.", "kotlin.", "kotlinx.")
