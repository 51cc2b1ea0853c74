package holonomy.laboratory

import com.fasterxml.jackson.databind.JsonNode
import holonomy.claim.Claim
import holonomy.claim.Family
import holonomy.claim.Judge
import holonomy.claim.Verdict
import holonomy.data.UserError
import holonomy.dsl.ClaimDeclaration
import holonomy.dsl.DeclaredClaim
import holonomy.dsl.Experiment
import holonomy.figure.Exported
import holonomy.figure.Exporter
import holonomy.figure.Figure
import holonomy.figure.FigureContext
import holonomy.figure.Slug
import holonomy.store.Provenance
import holonomy.store.StoredRun
import holonomy.store.WholeFolder
import holonomy.text.counted
import holonomy.text.size
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
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
    finished: Map<String, StoredRun>,
    private val options: RunOptions,
    private val incomplete: Map<String, String>,
    private val tables: (Path) -> Unit = {
        PublishedSet.write(it, experiment, finished, options.invocation, incomplete)
    },
) {
    private val folder = options.folder.resolve(experiment.name)
    private var finished = finished
    private var published: PublishedSet? = null
    private val started = System.nanoTime()
    private val problems = mutableListOf<String>()
    private val drawn = mutableListOf<Pair<Figure, Exported>>()
    private val failed = linkedMapOf<ClaimDeclaration, String>()

    /** Stems of the figures' files, in order. */
    private val stems = Slug.unique(experiment.figures.map { it.name }, setOf(CLAIMS))

    /**
     * Draws and judges what can be; what can't is among the outcome's problems. Its claims stand alone: see
     * [ExperimentOutcome.together].
     */
    fun make(): ExperimentOutcome {
        val own = experiment.requests.mapNotNull { finished[it.id()] }
        Files.createDirectories(folder)
        if (own.isEmpty()) {
            problems += NOTHING
            options.display.say("${experiment.name}: $NOTHING")
            experiment.claims.forEach { failed[it] = NOTHING }
            return outcome(own, emptyList())
        }
        experiment.archive.fill(finished)
        if (options.publish != null) attempt("published tables") { readPublished() }
        draw(own)
        return outcome(own, judge())
    }

    /** What is published is drawn and judged from the tables published with it, so that these give it again. */
    private fun readPublished() {
        WholeFolder.replace(folder.resolve(PublishedSet.DATA), tables)
        val set = checkNotNull(PublishedSet.open(folder)) { "no tables in $folder" }
        published = set
        finished = set.runs
        experiment.archive.fill(finished)
    }

    /** Writes and says the verdicts of what was made, now that its claims stand among the others. */
    fun write(outcome: ExperimentOutcome): ExperimentOutcome {
        // The file beside the pictures is of this experiment alone, whatever else the command was asked for.
        ClaimFiles.write(folder, ExperimentOutcome.together(listOf(outcome)).single())
        if (NOTHING in outcome.problems) return outcome
        ClaimTable.print(outcome, options.display)
        options.display.say("${experiment.name}: ${counted(drawn.size, "figure")} in $folder (${seconds(started)} s)")
        val before = problems.size
        options.publish?.let { attempt("published tables") { publish(it.resolve(experiment.name)) } }
        return outcome.withProblems(problems.drop(before))
    }

    private fun outcome(own: List<StoredRun>, judged: List<JudgedClaim>): ExperimentOutcome {
        val untried = Family.of(failed.map { Family.Member(experiment.study.orEmpty(), Verdict.INCONCLUSIVE, 1.0) })
        return ExperimentOutcome(
            experiment,
            drawn.toList(),
            judged,
            own.sumOf { it.summary().path("seconds").asDouble() },
            problems + experiment.requests.mapNotNull { incomplete[it.id()] }.map { "not complete: run $it" },
            failed.toMap(),
            untried,
        )
    }

    private fun draw(own: List<StoredRun>) {
        val context = context(own)
        val built =
            experiment.figures.zip(stems).mapNotNull { (declared, stem) ->
                attempt("figure '${declared.name}'") {
                    val figure = declared.build().with(name = stem)
                    figure to context.copy(seeds = seedsOf(figure))
                }
            }
        built.zip(Exporter(folder, options.paper).exportAll(built)).forEach { (asked, exported) ->
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

    private fun judge(): List<JudgedClaim> =
        experiment.claims.mapNotNull { declared ->
            attempt("claim '${declared.text}'", { failed[declared] = it }) {
                val (claim, asked) = declared.evaluate(experiment.archive, incomplete)
                val judgement = Judge.judge(claim)
                val alone = Family.Member(experiment.study.orEmpty(), judgement.verdict(), judgement.p())
                JudgedClaim(judgement, declared(claim, asked), Family.of(listOf(alone)).single())
            }
        }

    /** When the claim was declared, and which seeds' runs were finished by then. */
    private fun declared(claim: Claim, asked: Set<String>): Declared? {
        val record = options.declared ?: return null
        if (options.publish != null) {
            record.add(listOf(DeclaredClaim(experiment.name, claim.text(), claim.digest())))
        }
        val at = record.at(claim.digest()) ?: return null
        val first = mutableMapOf<Long, Instant>()
        for (point in experiment.points.filter { it.id in asked }) {
            finished[point.id]?.let { first.merge(point.seed, it.created(), ::minOf) }
        }
        val (seen, unseen) = first.keys.sorted().partition { first.getValue(it) <= at }
        return Declared(at, seen, unseen)
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
        val set = published ?: return // why there is none has been said
        WholeFolder.replace(target) { next ->
            val pictures = drawn.flatMap { (_, exported) -> exported.files }
            val files = pictures.plusElement(folder.resolve(ClaimFiles.NAME))
            files.forEach { Files.copy(it, next.resolve(it.fileName)) }
            set.copyTo(next.resolve(PublishedSet.DATA))
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
