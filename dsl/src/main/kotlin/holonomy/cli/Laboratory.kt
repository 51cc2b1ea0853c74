package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.Experiment
import holonomy.dsl.counted
import holonomy.model.ComputeDevice
import holonomy.run.Asking
import holonomy.run.Cluster
import holonomy.run.Progress.Outcome
import holonomy.run.RunRequest
import holonomy.run.RunResult
import holonomy.run.Runner
import holonomy.run.Store
import java.nio.file.Files
import java.nio.file.Path
import java.util.ServiceLoader

/**
 * Carries experiments out: trains the union of their runs once, then draws every figure and judges every claim. One
 * experiment's failure leaves the others complete.
 */
internal class Laboratory(private val interruption: Interruption) : Lab {
    override fun execute(experiments: List<Experiment>, options: RunOptions): Int {
        val requests = union(experiments)
        val notices = Notices(options.display)
        val store = Store.open(options.store, notices)
        val derivations = Derivations(experiments, store, options, interruption)
        if (options.dryRun) return Plan(requests, store, options, derivations).print()
        requireWritable("--out", options.out)
        note(experiments, store)
        if (options.fresh) replace(requests, store, options)
        val results = train(requests, store, notices, options)
        if (results.any { it.outcome() == Outcome.INTERRUPTED }) return interrupted(results, options)
        val finished =
            results.mapNotNull { result -> result.run().orElse(null)?.let { result.request().id() to it } }.toMap()
        val derived = derivations.compute(finished) ?: return ExitCode.INTERRUPTED
        val outcomes = experiments.map { ExperimentReport(it, finished + derived.stored, options).write() }
        options.figureSet?.write(outcomes, options)
        val failures = results.filter { it.outcome() == Outcome.FAILED || it.outcome() == Outcome.DIVERGED }
        report(failures, options)
        return if (failures.isEmpty() && derived.failed == 0 && outcomes.all { it.problems.isEmpty() }) ExitCode.DONE
        else ExitCode.RUN_FAILED
    }

    private fun union(experiments: List<Experiment>): List<RunRequest> {
        val all = linkedMapOf<String, RunRequest>()
        experiments.flatMap { it.requests }.forEach { all.merge(it.id(), it) { old, new -> old.and(new) } }
        return all.values.toList()
    }

    /** Notes which experiment asks for which run, for lists of runs. */
    private fun note(experiments: List<Experiment>, store: Store) {
        for (experiment in experiments) {
            val asked =
                experiment.points.map { point ->
                    val labels = point.values.entries.associate { (axis, value) -> axis.name to value.toString() }
                    Asking(experiment.name, point.id, point.request.label(), labels)
                }
            store.askings().add(experiment.name, asked)
        }
    }

    private fun replace(requests: List<RunRequest>, store: Store, options: RunOptions) {
        val replaced = requests.count { store.replace(it.id()).isPresent }
        if (replaced > 0) {
            options.display.note("--fresh: $replaced runs put aside (`holonomy gc` deletes them)")
        }
    }

    private fun train(
        requests: List<RunRequest>,
        store: Store,
        notices: Notices,
        options: RunOptions,
    ): List<RunResult> {
        if (options.on != null) return trainOn(options.on, requests, store, notices, options)
        val runner = Runner(store, ComputeDevice.of(options.invocation.device), options.workers, options.display)
        announce(requests.size, runner.present(requests), "${options.workers} workers", options)
        notices.sayAgain(requests)
        return interruption.during(options.display) { stop -> runner.run(requests, stop) }
    }

    /** Only what is not in the store needs the cluster. */
    private fun trainOn(
        address: String,
        requests: List<RunRequest>,
        store: Store,
        notices: Notices,
        options: RunOptions,
    ): List<RunResult> {
        val present = requests.parallelStream().filter { Runner.finished(store, it).isPresent }.count().toInt()
        announce(requests.size, present, "on $address", options)
        notices.sayAgain(requests)
        if (present == requests.size) {
            return Runner(store, ComputeDevice.CPU, 1, options.display).run(requests) { false }
        }
        val cluster =
            ServiceLoader.load(Cluster::class.java).firstOrNull()
                ?: throw UserError(
                    "--on: expected the module for clusters on the class path, found none; start ./holonomy"
                )
        val order = Cluster.Order(address, store, options.invocation.device)
        return cluster.connect(order, options.display, options.display::say).use { connection ->
            interruption.during(options.display) { stop -> connection.run(requests, stop) }
        }
    }

    /** A store that can't be written is no obstacle where all runs are there. */
    private fun announce(runs: Int, present: Int, where: String, options: RunOptions) {
        if (present < runs) requireWritable("--store", options.store)
        val words =
            if (present < runs) "${counted(runs, "run")}: $present in the store, ${runs - present} to train; $where"
            else "${counted(runs, "run")}, all in the store"
        options.display.note(words)
        options.display.expect(runs, present)
    }

    private fun interrupted(results: List<RunResult>, options: RunOptions): Int {
        val done = results.count { it.run().isPresent }
        options.display.say(
            "Interrupted: $done of ${counted(results.size, "run")} are complete, the others go on from their checkpoints with: ${options.again}"
        )
        return ExitCode.INTERRUPTED
    }

    private fun report(failures: List<RunResult>, options: RunOptions) {
        if (failures.isEmpty()) return
        options.display.say("${failures.size} of the runs did not complete:")
        failures.forEach {
            options.display.say(
                "  ${it.request().label()} [${it.request().id().take(12)}] ${it.outcome().name.lowercase()}: ${it.cause()}"
            )
        }
        options.display.say("Complete runs are kept; try the others again with: ${options.again}")
    }
}

/** Makes the folder of an option, or says that it can't be written. */
internal fun requireWritable(option: String, folder: Path) {
    val writable = runCatching { Files.createDirectories(folder) }.isSuccess && Files.isWritable(folder)
    if (!writable) throw UserError("$option: the folder $folder can't be written; give another one with $option DIR")
}
