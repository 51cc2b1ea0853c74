package holonomy.laboratory

import com.sun.management.OperatingSystemMXBean
import holonomy.data.Bytes
import holonomy.data.Identity
import holonomy.data.TemporaryFolder
import holonomy.data.UserError
import holonomy.dsl.Experiment
import holonomy.model.ComputeDevice
import holonomy.run.Cluster
import holonomy.run.Progress.Outcome
import holonomy.run.RunRequest
import holonomy.run.RunResult
import holonomy.run.Runner
import holonomy.store.ExperimentRun
import holonomy.store.Store
import holonomy.text.counted
import holonomy.train.Footprint
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.ServiceLoader

/**
 * Carries experiments out: trains the union of their runs once, then draws every figure and judges every claim. One
 * experiment's failure leaves the others complete.
 */
class Laboratory {
    private val interruption = Interruption()

    /**
     * Checks all [experiments], trains what is missing, draws their figures, evaluates their claims.
     *
     * @return the exit code: [ExitCode.DONE], or [ExitCode.RUN_FAILED] where a run or a figure failed and the rest went
     *   on
     * @throws UserError where an experiment cannot be run as it is declared; nothing has been trained then
     */
    fun execute(experiments: List<Experiment>, options: RunOptions): Int {
        val requests = union(experiments)
        val notices = Notices(options.display)
        val store = Store.open(options.store, notices)
        requireMemory(requests, store, options)
        val derivations = Derivations(experiments, store, options, interruption)
        val until = UntilDecided(experiments, store, options)
        if (options.dryRun) return Plan(requests, store, options, derivations, until).print()
        until.require(requests)
        requireWritable("--out", options.out)
        TemporaryFolder.require()
        note(experiments, store)
        if (options.publish != null) options.declared?.add(options.rehearsed)
        if (options.fresh) replace(requests, store, options)
        val results = train(requests, store, notices, options, until::isSpent)
        if (results.any { it.outcome() == Outcome.INTERRUPTED }) {
            return if (until.isSpent()) until.spent() else interrupted(results, options)
        }
        val finished =
            results.mapNotNull { result -> result.run().orElse(null)?.let { result.request().id() to it } }.toMap()
        val derived = derivations.compute(finished) ?: return ExitCode.INTERRUPTED
        val failures = results.filter { it.outcome() == Outcome.FAILED || it.outcome() == Outcome.DIVERGED }
        val incomplete = failures.associate { it.request().id() to it.words() }
        val outcomes = report(experiments.map { ExperimentReport(it, finished + derived.stored, options, incomplete) })
        options.pages(outcomes, options)
        report(failures, options)
        val whole = failures.isEmpty() && derived.failed == 0 && outcomes.all { it.problems.isEmpty() }
        val code = if (whole) ExitCode.DONE else ExitCode.RUN_FAILED
        if (options.until == null) return code
        return until.goOn(code, incomplete) { more, added ->
            note(added, store)
            val trained = train(more, store, notices, options, until::isSpent)
            if (trained.any { it.outcome() == Outcome.INTERRUPTED }) null
            else Derivations(added, store, options, interruption).compute(StoreRuns(store))?.let { trained }
        }
    }

    /** All experiments' claims are judged before any verdict is written: they are judged among each other. */
    private fun report(reports: List<ExperimentReport>): List<ExperimentOutcome> {
        val outcomes = ExperimentOutcome.together(reports.map { it.make() })
        return reports.zip(outcomes) { report, outcome -> report.write(outcome) }
    }

    /**
     * Draws and judges experiments again from their published tables. Nothing trains, and no store is made.
     *
     * @return the exit code, as [execute] gives it
     */
    fun redraw(experiments: List<Pair<Experiment, PublishedSet>>, options: RunOptions): Int {
        requireWritable("--out", options.out)
        val outcomes =
            report(
                experiments.map { (experiment, set) ->
                    val own = options.copy(invocation = set.invocation)
                    ExperimentReport(experiment, set.runs, own, set.incomplete(experiment), set::copyTo)
                }
            )
        options.pages(outcomes, options)
        return if (outcomes.all { it.problems.isEmpty() }) ExitCode.DONE else ExitCode.RUN_FAILED
    }

    private fun union(experiments: List<Experiment>): List<RunRequest> {
        val all = linkedMapOf<String, RunRequest>()
        experiments.flatMap { it.requests }.forEach { all.merge(it.id(), it) { old, new -> old.and(new) } }
        return all.values.toList()
    }

    /** Sizes that this machine can't hold are said before anything trains; a cluster's machines are not known here. */
    private fun requireMemory(requests: List<RunRequest>, store: Store, options: RunOptions) {
        if (options.on == null) Runner.requireMemory(store, requests)
        val memory = machineMemory()
        fun atOnce(runs: List<RunRequest>) = minOf(options.workers, runs.size)
        fun most(runs: List<RunRequest>) = runs.maxOfOrNull { Footprint.least(it.spec()) } ?: 0.0
        if (options.on != null || most(requests) * atOnce(requests) <= memory) return
        val missing = requests.filter { Runner.finished(store, it).isEmpty }
        val one = most(missing)
        if (one * atOnce(missing) <= memory) return
        if (ComputeDevice.of(options.invocation.device) != ComputeDevice.CPU) return
        val has = "this machine has ${Bytes.words(memory)}"
        if (one > memory) {
            val label = missing.first { Footprint.least(it.spec()) == one }.label()
            throw UserError(
                "run '$label': its training takes at least ${Bytes.words(one)} of memory, $has; use a smaller batch or model"
            )
        }
        throw UserError(
            "--workers: ${atOnce(missing)} runs side by side take up to ${Bytes.words(one * atOnce(missing))} of memory, " +
                "$has; use --workers ${(memory / one).toInt()}"
        )
    }

    /** Notes which experiment asks for which run, for lists of runs. */
    private fun note(experiments: List<Experiment>, store: Store) {
        for (experiment in experiments) {
            val asked =
                experiment.points.map { point ->
                    val labels = point.values.entries.associate { (axis, value) -> axis.name to value.toString() }
                    ExperimentRun(experiment.name, point.id, point.request.label(), labels)
                }
            store.experimentRuns().add(experiment.name, asked)
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
        spent: () -> Boolean,
    ): List<RunResult> {
        if (options.on != null) return trainOn(options.on, requests, store, notices, options, spent)
        val device = ComputeDevice.of(options.invocation.device)
        val runner = Runner(store, device, options.workers, options.display, checkpointEvery())
        announce(requests.size, runner.present(requests), "${options.workers} workers", options)
        notices.sayAgain(requests)
        return interruption.during(options.display) { stop -> runner.run(requests) { stop.asBoolean || spent() } }
    }

    /** Training time between checkpoints; the script that kills commands asks for less than what is usual. */
    private fun checkpointEvery(): Duration =
        java.lang.Long.getLong("holonomy.checkpoint.millis")?.let(Duration::ofMillis) ?: Runner.CHECKPOINT_EVERY

    /** Only what is not in the store needs the cluster. */
    private fun trainOn(
        address: String,
        requests: List<RunRequest>,
        store: Store,
        notices: Notices,
        options: RunOptions,
        spent: () -> Boolean,
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
            interruption.during(options.display) { stop -> connection.run(requests) { stop.asBoolean || spent() } }
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
        failures.forEach { options.display.say("  ${it.words()}") }
        val (diverged, failed) = failures.partition { it.outcome() == Outcome.DIVERGED }
        if (diverged.isNotEmpty()) {
            options.display.say(
                "A run that diverged does so again; change its recipe (a smaller learning rate, a warm-up)"
            )
        }
        if (failed.isNotEmpty()) {
            options.display.say("Complete runs are kept; try the failed ones again with: ${options.again}")
        }
    }

    private fun RunResult.words(): String {
        val id = Identity.shortened(request().id())
        return "${request().label()} [$id] ${outcome().name.lowercase()}: ${cause()}"
    }
}

/** Memory of this machine, or of the container it is, in bytes. */
private fun machineMemory(): Double =
    (ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean).totalMemorySize.toDouble()

/** Makes the folder of an option, or says that it can't be written. */
fun requireWritable(option: String, folder: Path) {
    val writable = runCatching { Files.createDirectories(folder) }.isSuccess && Files.isWritable(folder)
    if (!writable) throw UserError("$option: the folder $folder can't be written; give another one with $option DIR")
}
