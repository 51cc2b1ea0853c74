package holonomy.cli

import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Store

/** What would be done: which runs are there, which are new. Nothing is trained or written. */
internal class Plan(
    private val requests: List<RunRequest>,
    private val store: Store,
    private val options: RunOptions,
    private val derivations: Derivations,
) {
    fun print(): Int {
        val width = requests.maxOfOrNull { it.label().length } ?: 0
        for (request in requests) {
            val state = if (Runner.finished(store, request).isPresent) "in the store" else "to train"
            options.display.say(
                "${request.id().take(12)}  ${request.label().padEnd(width)}  ${request.spec().training().steps()} steps  $state"
            )
        }
        val missing = requests.count { Runner.finished(store, it).isEmpty }
        options.display.say("${requests.size} runs: ${requests.size - missing} in the store, $missing to train")
        derivations.list().forEach(options.display::say)
        return ExitCode.DONE
    }
}
