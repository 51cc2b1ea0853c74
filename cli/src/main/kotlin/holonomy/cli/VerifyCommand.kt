package holonomy.cli

import holonomy.data.Identity
import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.model.ComputeDevice
import holonomy.run.Replay
import holonomy.store.SetAside
import holonomy.store.Store
import holonomy.store.StoredRun
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `holonomy verify`: are a run's files what they were, and does training it again give the same? */
@Command(
    name = "verify",
    description = ["Hash a run's files again, train its first steps again, and compare."],
    footer =
        [
            "",
            "Weights are compared with the stored snapshots bit by bit, rows with the stored tables. A run with an altered file",
            "is set aside as runs/corrupt-ID-N and trained again when it is needed. With another product library, kernel or",
            "type of CPU the last digits differ: then that is said, with the step at which they first do, and is no fault.",
            "",
            "Examples:",
            "  holonomy verify 3fa9c1                 up to its second snapshot",
            "  holonomy verify 3fa9c1 --steps all     the whole run, to the hash of its weights",
            "  holonomy verify 3fa9c1 --steps 0       the files only",
            "",
            "Exits 0 when all is well, 3 when something differs.",
        ],
)
internal class VerifyCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(paramLabel = "ID", description = ["The id of a run, or its first digits."])
    private lateinit var given: String

    @Option(names = ["--steps"], paramLabel = "K", description = ["Steps to train again: a number or 'all'."])
    private var steps: String? = null

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        val aside = mutableListOf<SetAside>()
        val store = options.open(home) { if (it is SetAside) aside += it else options.tell(it) }
        val id = store.resolve(given)
        val run =
            store.find(id).orElse(null)
                ?: return altered(
                    aside.firstOrNull()
                        ?: throw UserError("run $id is not finished; only finished runs can be verified")
                )
        val wanted = wanted(run)
        val damaged = run.verify()
        if (damaged.isNotEmpty()) return altered(store.setAside(id, damaged))
        val replay = if (wanted == 0L) null else replay(store, run, wanted)
        report(run, replay)
        return if (replay?.isFaulty == true) ExitCode.RUN_FAILED else ExitCode.DONE
    }

    private fun wanted(run: StoredRun): Long =
        when (val text = steps) {
            null -> Replay.enough(run)
            "all" -> Long.MAX_VALUE
            else ->
                text.toLongOrNull()?.takeIf { it >= 0 }
                    ?: throw UserError("--steps: expected a whole number from 0 or 'all', found '$text'")
        }

    private fun altered(event: SetAside): Int {
        if (options.json)
            streams.printJson(
                mapOf("id" to event.id(), "files" to event.problems(), "movedTo" to event.movedTo()?.toString())
            )
        else streams.out.println(event.message())
        streams.out.flush()
        return ExitCode.RUN_FAILED
    }

    private fun replay(store: Store, run: StoredRun, steps: Long): Replay.Result {
        requireNativeLibrary()
        val device = if (run.summary().path("device").asText() == "CUDA") "cuda" else "cpu"
        return Replay.of(run, ComputeDevice.of(device), steps, store)
    }

    private fun report(run: StoredRun, replay: Replay.Result?) {
        if (options.json) {
            val found =
                replay?.let {
                    mapOf(
                        "steps" to it.steps(),
                        "compared" to it.compared(),
                        "problems" to it.problems(),
                        "otherProducts" to it.otherProducts().orElse(null),
                    )
                }
            streams.printJson(mapOf("id" to run.id(), "files" to emptyList<String>(), "replay" to found))
            return
        }
        streams.out.println("run ${Identity.shortened(run.id())}: ${run.files().size} files as they were stored")
        replay?.let {
            streams.out.println("replay of ${it.steps()} steps (${it.compared().joinToString(", ")}): ${verdict(it)}")
        }
        streams.out.flush()
    }
}

/** What a replay says of its run. */
internal fun verdict(replay: Replay.Result): String {
    val found = replay.problems().joinToString("; ")
    return when {
        found.isEmpty() -> "the same"
        replay.isFaulty -> "NOT the same: $found"
        else ->
            "can't be told: the run was ${replay.otherProducts().get()}, which rounds differently " +
                "($found). Verify it where it was made"
    }
}
