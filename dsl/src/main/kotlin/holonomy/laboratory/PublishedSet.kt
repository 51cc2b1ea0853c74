package holonomy.laboratory

import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Identity
import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import holonomy.dsl.results
import holonomy.store.Publication
import holonomy.store.PublishedTables
import holonomy.store.StoredRun
import java.nio.file.Files
import java.nio.file.Path

/**
 * What the figures and claims of an experiment were made of, kept beside them in `data/`: rows, no weights.
 *
 * @property folder of the tables
 * @property invocation what its script was asked for
 */
class PublishedSet
private constructor(
    val folder: Path,
    val invocation: Invocation,
    private val tables: PublishedTables,
    private val incomplete: Map<String, String>,
) {
    /** The runs and derived results, by id. */
    internal val runs: Map<String, StoredRun>
        get() = tables.runs()

    /** What became of the runs that an experiment asks for and that are not here, by id. */
    internal fun incomplete(experiment: Experiment): Map<String, String> =
        experiment.requests
            .filter { it.id() !in runs }
            .associate { request ->
                val unknown =
                    "${request.label()} [${Identity.shortened(request.id())}] not published: the script asks for it since"
                request.id() to incomplete.getOrDefault(request.id(), unknown)
            }

    /** Copies the tables into another folder as they are. */
    internal fun copyTo(other: Path) {
        Files.createDirectories(other)
        Files.list(folder).use { files -> files.forEach { Files.copy(it, other.resolve(it.fileName)) } }
    }

    companion object {
        /** The folder of the tables in that of an experiment's published figures. */
        const val DATA = "data"

        /**
         * The tables beside the published figures in [figures]; null if there are none.
         *
         * @throws holonomy.data.UserError if they are damaged
         */
        fun open(figures: Path): PublishedSet? {
            val folder = figures.resolve(DATA)
            val tables = PublishedTables.open(folder).orElse(null) ?: return null
            val about = tables.about()
            fun texts(key: String) = about.path(key).properties().associate { (name, value) -> name to value.asText() }
            val seeds = about.get("seeds")?.map { it.asLong() }
            val invocation = Invocation(about.path("profile").asText(), seeds, texts("settings"))
            return PublishedSet(folder, invocation, tables, texts("incomplete"))
        }

        /** Writes the tables that [experiment] reads of its [finished] runs and derived results. */
        internal fun write(
            folder: Path,
            experiment: Experiment,
            finished: Map<String, StoredRun>,
            invocation: Invocation,
            incomplete: Map<String, String>,
        ) {
            val runs =
                experiment.requests.mapNotNull { request ->
                    finished[request.id()]?.let { run ->
                        Publication.Part(request.label(), run, request.measures().map { it.file() })
                    }
                }
            val derived = results(experiment).map { (label, result) -> Publication.Part.whole(label, result) }
            Publication.write(
                folder,
                about(experiment, invocation, incomplete),
                (runs + derived).distinctBy { it.run().id() },
            )
        }

        private fun about(experiment: Experiment, invocation: Invocation, incomplete: Map<String, String>): ObjectNode {
            val about = JsonNodeFactory.instance.objectNode()
            about.put("experiment", experiment.name).put("profile", invocation.profile)
            invocation.seeds?.let { seeds -> about.putArray("seeds").also { seeds.forEach(it::add) } }
            about.putObject("settings").also { invocation.settings.forEach(it::put) }
            about.putObject("incomplete").also { own ->
                experiment.requests.forEach { run -> incomplete[run.id()]?.let { own.put(run.id(), it) } }
            }
            return about
        }
    }
}
