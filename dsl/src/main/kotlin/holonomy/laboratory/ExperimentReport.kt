package holonomy.laboratory

import com.fasterxml.jackson.databind.JsonNode
import holonomy.data.UserError
import holonomy.dsl.ClaimDeclaration
import holonomy.dsl.Experiment
import holonomy.experiment.Judge
import holonomy.experiment.Judgement
import holonomy.figure.Exported
import holonomy.figure.Exporter
import holonomy.figure.Figure
import holonomy.figure.FigureContext
import holonomy.figure.Slug
import holonomy.run.Provenance
import holonomy.run.StoredRun
import holonomy.run.WholeFolder
import holonomy.text.counted
import holonomy.text.size
import java.nio.file.Files
import java.nio.file.Path
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/**
 * Draws the figures and judges the claims of one experiment.
 *
 * @param incomplete what became of runs that are not complete, by id
 * @param tables writes the tables that are published with the pictures into a folder
 */
internal class ExperimentReport(
    private val experiment: Experiment,
    private val finished: Map<String, StoredRun>,
    private val options: RunOptions,
    private val incomplete: Map<String, String>,
    private val tables: (Path) -> Unit = {
        PublishedSet.write(it, experiment, finished, options.invocation, incomplete)
    },
) {
    private val folder = options.folder.resolve(experiment.name)
    private val problems = mutableListOf<String>()
    private val drawn = mutableListOf<Pair<Figure, Exported>>()
    private val failed = linkedMapOf<ClaimDeclaration, String>()

    /** Stems of the figures' files, in order. */
    private val stems = Slug.unique(experiment.figures.map { it.name }, setOf(CLAIMS))

    /** Draws and judges what can be; what can't is among the outcome's problems. */
    fun write(): ExperimentOutcome {
        val own = experiment.requests.mapNotNull { finished[it.id()] }
        Files.createDirectories(folder)
        if (own.isEmpty()) {
            problems += NOTHING
            options.display.say("${experiment.name}: $NOTHING")
            experiment.claims.forEach { failed[it] = NOTHING }
            return outcome(own, emptyList()).also { ClaimFiles.write(folder, it) }
        }
        experiment.archive.fill(finished)
        val started = System.nanoTime()
        draw(own)
        val judgements = judge()
        ClaimFiles.write(folder, outcome(own, judgements))
        ClaimTable.print(outcome(own, judgements), options.display)
        options.display.say("${experiment.name}: ${counted(drawn.size, "figure")} in $folder (${seconds(started)} s)")
        options.publish?.let { attempt("published tables") { publish(it.resolve(experiment.name)) } }
        return outcome(own, judgements)
    }

    private fun outcome(own: List<StoredRun>, judgements: List<Judgement>) =
        ExperimentOutcome(
            experiment,
            drawn.toList(),
            judgements,
            own.sumOf { it.summary().path("seconds").asDouble() },
            problems + experiment.requests.mapNotNull { incomplete[it.id()] }.map { "not complete: run $it" },
            failed.toMap(),
        )

    private fun draw(own: List<StoredRun>) {
        val context = context(own)
        val built =
            experiment.figures.zip(stems).mapNotNull { (declared, stem) ->
                attempt("figure '${declared.name}'") {
                    val figure = declared.build().with(name = stem)
                    figure to context.copy(seeds = seedsOf(figure))
                }
            }
        built.zip(Exporter(folder).exportAll(built)).forEach { (asked, exported) ->
            val figure = asked.first
            attempt("figure '${figure.name}'") {
                val result = exported.getOrThrow()
                drawn += figure to result
                result.warning?.let { options.display.say("${experiment.name}: $it") }
            }
        }
    }

    private fun seedsOf(figure: Figure) =
        experiment.requests.filter { it.id() in figure.sources }.map { it.spec().initSeed() }.distinct().size

    private fun context(own: List<StoredRun>): FigureContext {
        val home = Home.detect()
        val provenance = Provenance.collect(home.root)
        return FigureContext(
            profile = options.invocation.profile,
            seeds = 0,
            question = experiment.question,
            device = own.map { it.summary().path("device").asText().lowercase() }.distinct().joinToString(", "),
            machine = "${provenance.path("cpu").asText()}, ${provenance.path("cores").asInt()} cores",
            versions = versions(provenance),
            seconds = own.sumOf { it.summary().path("seconds").asDouble() },
            script = home.scriptOf(experiment.name)?.relativeTo(home.root.toFile())?.path ?: "not in experiments/",
        )
    }

    private fun versions(provenance: JsonNode): Map<String, String> =
        linkedMapOf(
            "holonomy" to provenance.path("holonomy").asText(),
            "java" to provenance.path("java").asText(),
            "git" to provenance.at("/git/revision").asText(),
        )

    private fun judge(): List<Judgement> =
        experiment.claims.mapNotNull { claim ->
            attempt("claim '${claim.text}'", { failed[claim] = it }) {
                Judge.judge(claim.evaluate(experiment.archive, incomplete))
            }
        }

    /**
     * The result of [block], or null where it fails in any way: a script's figure or claim may end in an Error too
     * (`TODO()`, an endless recursion), and the others must not be lost with it.
     */
    private fun <T> attempt(what: String, failed: (String) -> Unit = {}, block: () -> T): T? =
        try {
            block()
        } catch (failure: Throwable) {
            val blamed = options.blame(failure)
            val reason = if (blamed is UserError) blamed.message.orEmpty() else blamed.toString()
            if (blamed !is UserError) log.error("{}: {}", experiment.name, what, blamed)
            problems += "$what: $reason"
            failed(reason)
            options.display.say("${experiment.name}: $what: $reason")
            null
        }

    /** Replaces what was published before as a whole: pictures, verdicts and tables are of one making. */
    private fun publish(target: Path) {
        WholeFolder.replace(target) { next ->
            val pictures = drawn.flatMap { (_, exported) -> exported.files }
            val files = pictures.plusElement(folder.resolve(ClaimFiles.NAME))
            files.forEach { Files.copy(it, next.resolve(it.fileName)) }
            tables(next.resolve(PublishedSet.DATA))
        }
        val bytes = PublishedSize.of(target)
        options.display.say("${experiment.name}: published to $target, with ${size(bytes)} of tables")
        PublishedSize.complaint(target.parent)?.let(options.display::say)
    }

    private companion object {
        /** Stem of the claims' file, beside the figures'. */
        const val CLAIMS = "claims"
        const val NOTHING = "no run is complete, nothing can be drawn or judged"
        val log: Logger = LoggerFactory.getLogger(ExperimentReport::class.java)
    }

    private fun seconds(since: Long) = "%.1f".format(java.util.Locale.ROOT, (System.nanoTime() - since) / 1e9)
}
