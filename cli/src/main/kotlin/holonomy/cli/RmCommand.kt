package holonomy.cli

import holonomy.data.Identity
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.text.counted
import holonomy.text.size
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `holonomy rm`: deletes runs, after asking. */
@Command(
    name = "rm",
    description = ["Delete runs, finished or not, after asking."],
    footer = ["", "Examples:", "  holonomy rm 3fa9c1 77aa03", "  holonomy rm 3fa9c1 --yes      without being asked"],
)
internal class RmCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(paramLabel = "ID", arity = "1..*", description = ["Ids of runs, or their first digits."])
    private lateinit var given: List<String>

    @Option(names = ["--yes"], description = ["Don't ask."]) private var yes = false

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        val store = options.open(home)
        val ids = given.map(store::resolve).distinct()
        val runs = listRuns(store).filter { it.id in ids }
        if (!options.json) {
            runs.forEach {
                streams.out.println("${Identity.shortened(it.id)}  ${it.point}  ${it.state}  ${size(it.bytes)}")
            }
        }
        val question = "Delete ${counted(ids.size, "run")} (${size(runs.sumOf { it.bytes })})?"
        val deleted = if (streams.confirm(question, yes)) ids.onEach(store::delete) else emptyList()
        if (options.json) streams.printJson(mapOf("deleted" to deleted))
        else streams.out.println("${counted(deleted.size, "run")} deleted")
        streams.out.flush()
        return ExitCode.DONE
    }
}
