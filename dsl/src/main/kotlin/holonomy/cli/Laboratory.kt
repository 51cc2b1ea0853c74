package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.UserError
import holonomy.dsl.Experiment
import holonomy.experiment.Judge
import holonomy.experiment.Judgement
import holonomy.figure.Exporter
import holonomy.figure.FigureContext
import holonomy.model.ComputeDevice
import holonomy.run.Progress.Outcome
import holonomy.run.Provenance
import holonomy.run.RunRequest
import holonomy.run.RunResult
import holonomy.run.Runner
import holonomy.run.Store
import holonomy.run.StoredRun
import java.nio.file.Files
import java.nio.file.Path

/**
 * Carries experiments out: trains the union of their runs once, then draws every figure and judges every claim. One
 * experiment's failure leaves the others complete.
 */
internal class Laboratory(private val interruption: Interruption) : Lab {
    override fun execute(experiments: List<Experiment>, options: RunOptions): Int {
        val requests = union(experiments)
        val store = Store.open(options.store)
        val derivations = Derivations(experiments, store, options, interruption)
        if (options.dryRun) return Plan(requests, store, options, derivations).print()
        requireWritable(options.out)
        val results = train(requests, store, options)
        if (results.any { it.outcome() == Outcome.INTERRUPTED }) return interrupted(results, options)
        val finished =
            results.mapNotNull { result -> result.run().orElse(null)?.let { result.request().id() to it } }.toMap()
        val derived = derivations.compute(finished) ?: return ExitCode.INTERRUPTED
        val drawn = experiments.map { ExperimentReport(it, finished + derived.stored, options).write() }
        val failures = results.filter { it.outcome() == Outcome.FAILED || it.outcome() == Outcome.DIVERGED }
        report(failures, options)
        return if (failures.isEmpty() && derived.failed == 0 && drawn.all { it }) ExitCode.DONE else ExitCode.RUN_FAILED
    }

    private fun union(experiments: List<Experiment>): List<RunRequest> {
        val all = linkedMapOf<String, RunRequest>()
        experiments.flatMap { it.requests }.forEach { all.merge(it.id(), it) { old, new -> old.and(new) } }
        return all.values.toList()
    }

    private fun train(requests: List<RunRequest>, store: Store, options: RunOptions): List<RunResult> {
        val present = requests.count { Runner.finished(store, it).isPresent }
        if (present < requests.size) {
            options.display.note(
                "${requests.size} runs: $present in the store, ${requests.size - present} to train; ${options.workers} workers"
            )
        } else {
            options.display.note("${requests.size} runs, all in the store")
        }
        options.display.expect(requests.size, present)
        val device = ComputeDevice.of(options.invocation.device)
        return interruption.during { stop ->
            Runner(store, device, options.workers, options.display).run(requests, stop)
        }
    }

    private fun interrupted(results: List<RunResult>, options: RunOptions): Int {
        val done = results.count { it.run().isPresent }
        options.display.say(
            "Interrupted: $done of ${results.size} runs are complete, the others go on from their checkpoints when the same command is given again."
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
    }

    private fun requireWritable(out: Path) {
        val writable = runCatching { Files.createDirectories(out) }.isSuccess && Files.isWritable(out)
        if (!writable) throw UserError("--out: the folder $out can't be written; give another one with --out DIR")
    }
}

/** Draws the figures and judges the claims of one experiment. */
private class ExperimentReport(
    private val experiment: Experiment,
    private val finished: Map<String, StoredRun>,
    private val options: RunOptions,
) {
    private val folder = options.out.resolve(options.invocation.profile).resolve(experiment.name)
    private val problems = mutableListOf<String>()

    /** Whether everything could be drawn and judged. */
    fun write(): Boolean {
        val own = experiment.requests.mapNotNull { finished[it.id()] }
        if (own.isEmpty()) {
            options.display.say("${experiment.name}: no run is complete, nothing can be drawn")
            return false
        }
        experiment.archive.fill(finished)
        Files.createDirectories(folder)
        val started = System.nanoTime()
        draw(own)
        val judgements = judge()
        ClaimFiles.write(folder, experiment, judgements)
        ClaimTable.print(experiment, judgements, options.display)
        options.display.say(
            "${experiment.name}: ${experiment.figures.size - problems.size} figures in $folder (${seconds(started)} s)"
        )
        options.publish?.let { publish(it.resolve(experiment.name)) }
        return problems.isEmpty()
    }

    private fun draw(own: List<StoredRun>) {
        val exporter = Exporter(folder)
        val context = context(own)
        for (declared in experiment.figures) {
            attempt("figure '${declared.name}'") {
                val figure = declared.build()
                val seeds =
                    experiment.requests
                        .filter { it.id() in figure.sources }
                        .map { it.spec().initSeed() }
                        .distinct()
                        .size
                val result = exporter.export(figure.with(name = declared.name), context.copy(seeds = seeds))
                result.warning?.let { options.display.say("${experiment.name}: $it") }
            }
        }
    }

    private fun context(own: List<StoredRun>): FigureContext {
        val provenance = Provenance.collect(Path.of(System.getProperty("holonomy.root", "")))
        return FigureContext(
            profile = options.invocation.profile,
            seeds = 0,
            question = experiment.question,
            device = own.map { it.summary().path("device").asText().lowercase() }.distinct().joinToString(", "),
            machine = "${provenance.path("cpu").asText()}, ${provenance.path("cores").asInt()} cores",
            versions = versions(provenance),
            seconds = own.sumOf { it.summary().path("seconds").asDouble() },
            script = "experiments/${experiment.name}.main.kts",
        )
    }

    private fun versions(provenance: JsonNode): Map<String, String> =
        linkedMapOf(
            "holonomy" to provenance.path("holonomy").asText(),
            "java" to provenance.path("java").asText(),
            "git" to provenance.at("/git/revision").asText(),
        )

    private fun judge(): List<Judgement> =
        experiment.claims.mapNotNull { claim -> attempt("claim '${claim.text}'") { Judge.judge(claim.evaluate()) } }

    private fun <T> attempt(what: String, block: () -> T): T? =
        try {
            block()
        } catch (failure: Exception) {
            val blamed = options.blame(failure)
            problems += what
            options.display.say("${experiment.name}: $what: ${blamed.message}")
            null
        }

    private fun publish(target: Path) {
        Files.createDirectories(target)
        Files.list(folder).use { files ->
            files.forEach {
                Files.copy(it, target.resolve(it.fileName), java.nio.file.StandardCopyOption.REPLACE_EXISTING)
            }
        }
        options.display.say("${experiment.name}: published to $target")
    }

    private fun seconds(since: Long) = "%.1f".format(java.util.Locale.ROOT, (System.nanoTime() - since) / 1e9)
}

/** Writes `claims.json` beside the figures. */
internal object ClaimFiles {
    private val json = ObjectMapper().writerWithDefaultPrettyPrinter()

    fun write(folder: Path, experiment: Experiment, judgements: List<Judgement>) {
        val tree =
            mapOf(
                "experiment" to experiment.name,
                "question" to experiment.question,
                "claims" to judgements.map { entry(it) },
            )
        Files.write(folder.resolve("claims.json"), json.writeValueAsBytes(tree))
    }

    private fun entry(judgement: Judgement): Map<String, Any?> {
        val claim = judgement.claim()
        val estimate = judgement.estimate()
        return linkedMapOf(
            "claim" to claim.text(),
            "source" to claim.source(),
            "published" to claim.published(),
            "statistic" to claim.measured().label(),
            "claimed" to claim.claimed().toString(),
            "estimate" to finite(estimate.value()),
            "low" to finite(estimate.low()),
            "high" to finite(estimate.high()),
            "seeds" to claim.measured().bySeed(),
            "nulls" to
                judgement.nulls().map {
                    linkedMapOf(
                        "null" to it.nullValue().name(),
                        "value" to finite(it.value()),
                        "excess" to finite(it.excess().value()),
                        "excess_low" to finite(it.excess().low()),
                        "excess_high" to finite(it.excess().high()),
                        "standing" to it.standing().name.lowercase(),
                    )
                },
            "verdict" to judgement.verdict().words(),
            "reason" to judgement.reason(),
        )
    }

    private fun finite(value: Double): Double? = value.takeIf { it.isFinite() }
}
