package holonomy.cli

import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import java.io.File
import kotlin.io.path.createTempDirectory

/**
 * Loads the classes that commands use, for the launcher's class-data archive; what fails here is left out of the
 * archive.
 */
fun main() {
    val folder = createTempDirectory("holonomy-warm-up").toFile()
    try {
        val streams = Streams(standardOutput(), standardError(), Terminal(interactive = false))
        runCatching {
            commandLine({ _, _ -> ExitCode.DONE }, Home(folder.toPath()), streams)
                .execute("run", script(folder).path, "--quiet")
        }
        runCatching { checkEngine() }
        runCatching { checkFonts() }
    } finally {
        folder.deleteRecursively()
    }
}

private fun script(folder: File): File =
    File(folder, "warm-up.main.kts").apply {
        writeText("holonomy.dsl.experiment(\"warm-up\", question = \"Which classes does a command load?\") {}\n")
    }
