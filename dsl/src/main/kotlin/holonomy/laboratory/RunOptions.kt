package holonomy.laboratory

import holonomy.dsl.DeclaredClaim
import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import java.nio.file.Path

/**
 * How experiments are carried out.
 *
 * @property invocation what the scripts saw
 * @property workers runs trained side by side, at least 1
 * @property store the folder of runs
 * @property out the folder of pictures, see [folder]
 * @property publish where the pictures are copied to with their tables (`figures/`), or null
 * @property dryRun say what would be done, and do nothing
 * @property display where to say it
 * @property blame turns an exception of a script's deferred block into an error that names the script's line; returns
 *   any other exception as it is
 * @property pages what is made of all outcomes at the end, once: a command writes the pages
 * @property fresh make every run again, even those that are there
 * @property on the cluster to train on, as `--on` named it, or null for this machine
 * @property declared the record of when claims were declared; null where none is kept. What is published is recorded
 * @property rehearsed the claims that could be made out before anything trains: declared before their data
 * @property redrawn whether everything comes from published tables and nothing is trained
 * @property until add seeds until claims are decided; null for the declared seeds alone
 * @property paper whether figures are wanted as a paper takes them, too: a column wide, as PDF
 * @property command the words of the command line, for saying how to go on; empty where there was none
 */
data class RunOptions(
    val invocation: Invocation,
    val workers: Int,
    val store: Path,
    val out: Path,
    val publish: Path?,
    val dryRun: Boolean,
    val display: Display,
    val pages: (List<ExperimentOutcome>, RunOptions) -> Unit = { _, _ -> },
    val fresh: Boolean = false,
    val on: String? = null,
    val declared: DeclaredClaims? = null,
    val rehearsed: List<DeclaredClaim> = emptyList(),
    val redrawn: Boolean = false,
    val until: Until? = null,
    val paper: Boolean = false,
    val command: List<String> = emptyList(),
    val blame: (Throwable) -> Throwable,
) {
    /** Where the experiments' folders of pictures are: `out/PROFILE/`, or `out/published/`. */
    val folder: Path
        get() = out.resolve(if (redrawn) "published" else invocation.profile)

    /** The command that was given, without --fresh: it does what is still to be done. */
    val again: String
        get() =
            if (command.isEmpty()) "the same script"
            else (listOf("holonomy") + command.filter { it != "--fresh" }).joinToString(" ", transform = ::shellWord)
}

/**
 * Seeds until claims are decided.
 *
 * @property budget seconds that training may take, or null
 * @property clock seconds since any moment
 * @property declare the same scripts with these seeds
 */
class Until(
    val budget: Double?,
    internal val clock: () -> Double = { System.nanoTime() / 1e9 },
    val declare: (List<Long>) -> List<Experiment>,
)

/** A word as a shell takes it. */
fun shellWord(word: String): String =
    if (word.matches(Regex("[A-Za-z0-9_@%+=:,./-]+"))) word else "'" + word.replace("'", "'\\''") + "'"

/** What the launcher's caller is told. */
object ExitCode {
    const val DONE = 0
    /** A bug of ours. */
    const val BUG = 1
    /** The user's mistake: script, option, configuration. */
    const val USER = 2
    /** A run failed or diverged. */
    const val RUN_FAILED = 3
    const val INTERRUPTED = 130
}
