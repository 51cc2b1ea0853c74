package holonomy.dsl

import holonomy.claim.Claim
import holonomy.data.JsonDifference
import holonomy.data.UserError
import holonomy.figure.Figure
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.run.RunRequest
import holonomy.task.Task
import holonomy.text.counted

/** Marks the scopes of the DSL, so that words of an outer block are not said by accident in an inner one. */
@DslMarker annotation class HolonomyDsl

/** A picture that will be drawn once the runs are there. */
class FigureDeclaration internal constructor(val name: String, val build: () -> Figure)

/** A statement that will be judged once the runs are there. */
class ClaimDeclaration
internal constructor(val text: String, val source: String, val published: String, val build: () -> Statement) {
    /** The claim, with what was measured. */
    fun evaluate(): Claim = build().claim(text, source, published)

    /**
     * The claim, which can only be tested where every run that it speaks of is complete, and the ids of these runs.
     *
     * @param incomplete what became of the experiment's other runs, by id
     */
    internal fun evaluate(archive: Archive, incomplete: Map<String, String>): Pair<Claim, Set<String>> {
        val (statement, asked) = archive.watching(build)
        val gaps = (if (asked.isEmpty()) incomplete.keys else asked).mapNotNull(incomplete::get)
        val found = "${gaps.size} of ${counted(maxOf(asked.size, gaps.size), "run")} not: ${gaps.joinToString("; ")}"
        val judged = if (gaps.isEmpty()) statement else statement.firstOf(Claim.Condition(Claim.COMPLETE, false, found))
        return judged.claim(text, source, published) to asked
    }
}

/**
 * One question, the runs that answer it, its figures and its claims. A value: nothing trains when it is made.
 *
 * @property study the study whose claims its claims are judged among; null where it has none
 * @property requests every run wanted, each once
 */
class Experiment
internal constructor(
    val name: String,
    val study: String?,
    val question: String,
    val requests: List<RunRequest>,
    val figures: List<FigureDeclaration>,
    val claims: List<ClaimDeclaration>,
    internal val archive: Archive,
    internal val points: List<Point>,
    internal val derived: List<DerivedRequest> = emptyList(),
) {
    /**
     * Looks at every figure and claim before anything trains: a [UserError] where one reads what no run will have. The
     * blocks are run without data, so what they compute is worth nothing: this experiment is then thrown away, and the
     * script that declares it evaluated anew.
     *
     * @return the digests of the claims that can be made out without data, with their texts
     */
    fun rehearse(): List<DeclaredClaim> {
        figures.forEach { archive.rehearse(it.build) }
        return claims.mapNotNull { claim ->
            archive.rehearse(claim::evaluate)?.let { DeclaredClaim(name, claim.text, it.digest()) }
        }
    }

    /** The claim as far as it is known before anything trains, without values; null where its block needs data. */
    internal fun foresee(claim: ClaimDeclaration): Claim? = foreseen(claim).first

    /** Looked at once: what a block keeps for itself it doesn't ask for again. */
    private fun foreseen(claim: ClaimDeclaration) = looks.getOrPut(claim) { archive.foresee { claim.evaluate() } }

    private val looks = mutableMapOf<ClaimDeclaration, Pair<Claim?, Set<String>>>()

    /** The runs that a claim hangs on: those that its block asks for, and those that these need. */
    internal fun runsOf(claim: ClaimDeclaration): List<RunRequest> {
        val asked = foreseen(claim).second
        val own = requests.associateBy { it.id() }
        val needed = linkedSetOf<String>()
        fun add(id: String) {
            if (id in own && needed.add(id)) own.getValue(id).needs().forEach(::add)
        }
        asked.forEach(::add)
        return if (needed.isEmpty()) requests else needed.map(own::getValue)
    }

    /** Only these runs and what is computed from them, without figures and claims. */
    internal fun only(runs: Set<String>): Experiment =
        Experiment(
            name,
            study,
            question,
            requests.filter { it.id() in runs },
            emptyList(),
            emptyList(),
            archive,
            points.filter { it.id in runs },
            derived.filter { it.point.id in runs },
        )

    override fun toString(): String =
        "experiment '$name': $question; ${counted(requests.size, "run")}, ${counted(figures.size, "figure")}, ${counted(claims.size, "claim")}"
}

/** A claim as it is declared, whatever its runs will give: see [Claim.digest]. */
data class DeclaredClaim(val experiment: String, val text: String, val digest: String)

/**
 * Declares an experiment: its runs, figures and claims. The block only declares; under the launcher everything of all
 * scripts is checked before anything trains. Without it (plain `kotlin x.main.kts`) the experiment runs at once.
 *
 * @param name file-name-like: letters, digits and '-'
 * @param question what the experiment is to answer, one sentence
 * @param study the study that its claims belong to, the same words in all of its experiments: the more claims a study
 *   tries, the stronger the evidence each of them needs (Holm). Needed where there are claims
 */
fun experiment(name: String, question: String, study: String? = null, block: ExperimentScope.() -> Unit): Experiment {
    if (!name.matches(Regex("[a-z0-9][a-z0-9-]*"))) {
        throw UserError(
            "experiment '$name': expected a name of lower-case letters, digits and '-' (it becomes a folder's name)"
        )
    }
    requirePlain("experiment '$name': the question", question)
    study?.let { requirePlain("experiment '$name': the study", it) }
    val experiment = ExperimentScope(name).apply(block).create(question, study)
    Declarations.current()?.add(experiment) ?: runAtOnce(experiment)
    return experiment
}

/** What may be said inside an `experiment` block. */
@HolonomyDsl
class ExperimentScope internal constructor(private val name: String) {
    private val archive = Archive()
    private val requests = linkedMapOf<String, RunRequest>()
    private val labels = mutableMapOf<String, RunRequest>()
    private val points = mutableListOf<Point>()
    private val figures = mutableListOf<FigureDeclaration>()
    private val claims = mutableListOf<ClaimDeclaration>()
    private val derived = mutableListOf<DerivedRequest>()

    /**
     * Trains [arm] on every task of [on] with every seed, and records what the block says.
     *
     * @return a handle on the runs; their numbers can be read inside `figure` and `claim`
     */
    fun train(arm: Arm, on: List<Task>, seeds: List<Long>, record: RecordScope.() -> Unit): Runs =
        train(listOf(arm), on, seeds, record)

    /** Trains every arm on every task with every seed. */
    fun train(arms: List<Arm>, on: List<Task>, seeds: List<Long>, record: RecordScope.() -> Unit): Runs {
        if (arms.isEmpty() || on.isEmpty() || seeds.isEmpty()) {
            throw UserError("experiment '$name': train expects at least one arm, one task and one seed")
        }
        val recorded = RecordScope().apply(record)
        fun label(arm: Arm, task: Task, seed: Long) = "${arm.name}, ${task.label()}, seed $seed"
        return declared(
            arms.flatMap { arm ->
                on.flatMap { task -> seeds.map { Point.of(arm, task, it, label(arm, task, it), recorded) } }
            },
            seeds,
        )
    }

    /**
     * Trains every point of a sweep with every seed: `train(sweep(width), model = { profile.copy(width =
     * it[width]).attentionOnly }, on = { profile.mainTask }, seeds = profile.seeds) { ... }`.
     *
     * @param model the arm at a point
     * @param on the task at a point
     */
    fun train(
        over: Sweep,
        model: (Setting) -> Arm,
        on: (Setting) -> Task,
        seeds: List<Long>,
        record: RecordScope.() -> Unit,
    ): Runs {
        if (seeds.isEmpty()) throw UserError("experiment '$name': train expects at least one seed")
        return declared(sweptPoints(over, seeds, model, on, RecordScope().apply(record)), seeds)
    }

    /**
     * Trains [arm] on every task of [on] from every seed's initial values, with the batches of another seed.
     *
     * @param data whose batches: [nextSeed]
     * @param keeping the only blocks that begin with the seed's initial values, all others with those of the data's
     *   seed; all of them do where none is given
     */
    fun train(
        arm: Arm,
        on: List<Task>,
        seeds: List<Long>,
        data: DataSeed,
        keeping: WeightGroup? = null,
        record: RecordScope.() -> Unit,
    ): Runs {
        if (on.isEmpty() || seeds.isEmpty()) {
            throw UserError("experiment '$name': train expects at least one task and one seed")
        }
        val recorded = RecordScope().apply(record)
        return declared(
            on.flatMap { task -> seeds.map { crossedPoint(arm, task, it, data.of(it, seeds), keeping, recorded) } },
            seeds,
        )
    }

    private fun declared(points: List<Point>, seeds: List<Long>): Runs {
        seeds
            .groupingBy { it }
            .eachCount()
            .filterValues { it > 1 }
            .keys
            .firstOrNull()
            ?.let { throw UserError("experiment '$name': seed $it is listed twice; each seed is one run") }
        points.forEach { requirePlain("experiment '$name': the name of a run", it.request.label()) }
        points
            .groupBy { it.id }
            .values
            .firstOrNull { it.size > 1 }
            ?.let { twins ->
                val labels = twins.map { it.request.label() }.distinct().joinToString("; ")
                throw UserError(
                    "experiment '$name': two points of the sweep are the same run ($labels); remove one of them"
                )
            }
        points.forEach { point ->
            requests.merge(point.id, point.request) { old, new -> old.and(new) }
            requireOwnLabel(point.request)
        }
        this.points += points
        return Runs(points, archive)
    }

    /** A label stands for one run: people tell runs apart by it. */
    private fun requireOwnLabel(request: RunRequest) {
        val namesake = labels.getOrPut(request.label()) { request }
        if (namesake.id() == request.id()) return
        val first = JsonDifference.between("spec", namesake.spec().spec(), request.spec().spec()).first()
        throw UserError(
            "experiment '$name': two different runs are called '${request.label()}'; they differ in ${first.path()} " +
                "(${first.one()} and ${first.other()}). Give one arm another name, copy(name = ...), or sweep over it"
        )
    }

    /** Has a declared run keep its whole state after some of its steps, for others to start from. */
    internal fun keepState(point: Point, step: Long) {
        requests.merge(point.id, point.request.keepingState(step)) { old, new -> old.and(new) }
    }

    /** The seeds of declared runs, by their ids. */
    internal fun seedsOf(ids: Set<String>): Set<Long> = points.filter { it.id in ids }.map { it.seed }.toSet()

    /** Declares runs that are points already. */
    internal fun declare(points: List<Point>): Runs = declared(points, points.map { it.seed }.distinct())

    /** Declares a picture; the block is run when the runs are there. [name] becomes the stem of its files. */
    fun figure(name: String, block: () -> Figure) {
        if (figures.any { it.name == name }) {
            throw UserError(
                "experiment '${this.name}': two figures are named '$name'; give the second one another name"
            )
        }
        figures += FigureDeclaration(name, block)
    }

    /**
     * Declares a claim; the block is run when the runs are there. A claim that fails stops nothing.
     *
     * @param text the statement, one sentence
     * @param source paper and section
     * @param published the published value
     */
    fun claim(text: String, source: String, published: String, block: () -> Statement) {
        for (part in listOf(text, source, published)) requirePlain("experiment '$name': a claim", part)
        claims += ClaimDeclaration(text, source, published, block)
    }

    /** Declares results that are computed from the runs when these are there, and kept in the store beside them. */
    internal fun derive(wanted: List<DerivedRequest>): Archive {
        derived += wanted
        return archive
    }

    internal fun create(question: String, study: String?): Experiment {
        if (study == null && claims.isNotEmpty()) {
            throw UserError(
                "experiment '$name': ${counted(claims.size, "claim")} without a family; say which study they are " +
                    "part of, experiment(\"$name\", study = \"...\"), the same words in each of its experiments: " +
                    "claims that are tried together are judged together"
            )
        }
        return Experiment(
            name,
            study,
            question,
            requests.values.toList(),
            figures.toList(),
            claims.toList(),
            archive,
            points.toList(),
            derived.toList(),
        )
    }
}

/** What may be said inside a `train` block: what is recorded along each run. It never changes the weights. */
@HolonomyDsl
class RecordScope internal constructor() {
    internal val measures = mutableListOf<Measure>()
    internal val snapshots = linkedSetOf<SnapshotPlan>()

    /** Fills these measures' tables along each run. */
    fun measure(vararg measures: MeasureHandle) {
        this.measures += measures.map { it.measure }
    }

    /** Keeps [count] snapshots of a weight group along each run. */
    fun snapshot(group: WeightGroup, count: Int) {
        snapshots += SnapshotPlan.of(group, count)
    }
}

/** W_Q, W_K, W_V and W_O of every layer. */
val attention: WeightGroup = WeightGroup.ATTENTION

/** The MLP matrices of every layer. */
val mlp: WeightGroup = WeightGroup.MLP

/** The token and position embeddings. */
val embeddings: WeightGroup = WeightGroup.EMBEDDINGS

/** Every weight. */
val everyWeight: WeightGroup = WeightGroup.ALL
