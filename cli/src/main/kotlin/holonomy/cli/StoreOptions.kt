package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.UserError
import holonomy.laboratory.Home
import holonomy.store.Notice
import holonomy.store.Store
import java.nio.file.Path
import picocli.CommandLine.Model.CommandSpec
import picocli.CommandLine.Option
import picocli.CommandLine.Spec
import picocli.CommandLine.Spec.Target.MIXEE

/** The options of every command that looks at the run store. */
internal class StoreOptions {
    @Option(names = ["--store"], paramLabel = "DIR", description = ["The run store; default: runs/ of the checkout."])
    private var store: Path? = null

    @Option(names = ["--json"], description = ["Print JSON instead of text, for other programs."])
    var json = false
        private set

    @Spec(MIXEE) private lateinit var command: CommandSpec

    /** Opens the store; [hears] what is damaged or cannot be read in it. */
    fun open(home: Home, hears: (Notice) -> Unit = ::tell): Store =
        Store.open((store ?: home.runs).toAbsolutePath().normalize(), hears)

    /** Tells it on standard error. */
    fun tell(notice: Notice) {
        command.commandLine().err.println("holonomy: ${notice.message()}")
        command.commandLine().err.flush()
    }
}

private val pretty = ObjectMapper().writerWithDefaultPrettyPrinter()

/** Prints a tree of maps, lists, texts and numbers as JSON. */
internal fun Streams.printJson(tree: Any?) {
    out.println(pretty.writeValueAsString(tree))
    out.flush()
}

/** Asks before something is deleted; true at `y` or `yes`. Where nobody can answer, [yes] must have been given. */
internal fun Streams.confirm(question: String, yes: Boolean): Boolean {
    if (yes) return true
    out.print("$question [y/N] ")
    out.flush()
    val answer =
        input().readLine()
            ?: throw UserError(
                "nobody is there to answer '$question'; nothing is deleted. Give --yes to delete without being asked"
            )
    return answer.trim().lowercase() in setOf("y", "yes")
}
