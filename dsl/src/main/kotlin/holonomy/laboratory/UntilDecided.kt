package holonomy.laboratory

import holonomy.claim.Claim
import holonomy.claim.Judgement
import holonomy.claim.Sequential
import holonomy.data.UserError
import holonomy.dsl.ClaimDeclaration
import holonomy.dsl.Experiment
import holonomy.inference.Interval
import holonomy.run.RunRequest
import holonomy.run.RunResult
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.text.counted
import holonomy.text.duration

/** The finished runs and results of a store, looked up one by one. */
internal class StoreRuns(private val store: Store) : Map<String, StoredRun> by emptyMap() {
    private val found = mutableMapOf<String, StoredRun>()

    override fun get(key: String): StoredRun? =
        found[key] ?: Runner.finished(store, key).orElse(null)?.also { found[key] = it }
}

/**
 * One claim on its way to a verdict.
 *
 * @param seeds those that the script declares
 */
internal class Course(val experiment: Experiment, val claim: ClaimDeclaration, private val seeds: List<Long>) {
    val design: Sequential = Sequential.from(seeds.size)
    var look = 0

    /** Whether its runs can't be told from its experiment's. */
    var hangsOnAll = false
    var judgement: Judgement? = null

    /** Why it can't be judged at all, or not further; null where it can. */
    var ended: String? = null

    val n: Int
        get() = design.looks()[look]

    val next: Int?
        get() = design.looks().getOrNull(look + 1)

    val isOpen: Boolean
        get() = ended == null && judgement?.let(Sequential::isOpen) ?: true

    /** The declared seeds first, then the next free whole numbers from 1. */
    fun seedsAt(n: Int): List<Long> =
        seeds + generateSequence(1L) { it + 1 }.filter { it !in seeds }.take(n - seeds.size)
}

/** Adds seeds to the runs that open claims hang on, look after look, until each is decided or the budget is spent. */
internal class UntilDecided(experiments: List<Experiment>, private val store: Store, private val options: RunOptions) {
    private val began = options.until?.clock?.invoke()
    private val declared = mutableMapOf<List<Long>, List<Experiment>>()
    private val rehearsed = mutableMapOf<List<Long>, List<Experiment>>()
    private val courses =
        experiments.flatMap { experiment ->
            val seeds = experiment.points.map { it.seed }.distinct()
            if (seeds.isEmpty()) emptyList() else experiment.claims.map { Course(experiment, it, seeds) }
        }
    private val incomplete = mutableMapOf<String, String>()

    private val left: Double
        get() {
            val budget = options.until?.budget ?: return Double.POSITIVE_INFINITY
            return budget + began!! - options.until.clock()
        }

    /** Whether the time for training is over. */
    fun isSpent(): Boolean = left <= 0

    /** Says so, before the declared seeds are all there. */
    fun spent(): Int {
        options.display.say("--budget is spent before the first look; go on with: ${options.again}")
        return ExitCode.DONE
    }

    /** Fails before anything trains where nothing could be decided, or not even the declared seeds can be trained. */
    fun require(requests: List<RunRequest>) {
        val until = options.until ?: return
        if (courses.isEmpty()) throw UserError("--until-decided: expected a claim to decide, found none; leave it out")
        val foresight = Foresight(courses.map { it to it.design.level() }, ::foresee)
        foresight.settled.keys.forEach { it.ended = foresight.settled.getValue(it) }
        if (courses.none { it.isOpen }) {
            val (course, why) = foresight.settled.entries.first()
            throw UserError(
                "--until-decided: no claim can be tested at the ${options.invocation.profile} profile, however many seeds: " +
                    "'${course.claim.text}' $why; choose another --profile"
            )
        }
        foresight.lines().forEach(options.display::say)
        requireBudget(until.budget ?: return, requests)
    }

    private fun requireBudget(budget: Double, requests: List<RunRequest>) {
        val costs = Costs(store, options)
        val missing = requests.filterNot(::isThere)
        val first = costs.seconds(missing)
        if (first > budget) {
            throw UserError(
                "--budget ${duration(budget)}: the ${counted(missing.size, "run")} of the first look that are not in the store " +
                    "take about ${duration(first)}; give more, or train them with `holonomy run`"
            )
        }
        val one =
            courses
                .filter { it.isOpen }
                .mapNotNull { course -> course.next?.let { missing(course, it) } }
                .flatten()
                .minOfOrNull { costs.seconds(listOf(it)) } ?: return
        if (first + one > budget) {
            throw UserError(
                "--budget ${duration(budget)}: too small for one run more, which takes about ${duration(one)}" +
                    (if (first > 0) " after ${duration(first)} for the first look" else "") +
                    "; give more"
            )
        }
    }

    /** What `--dry-run` says of claims. */
    fun plan(costs: Costs): List<String> {
        if (courses.isEmpty()) return emptyList()
        val level = { course: Course -> if (options.until == null) Interval.LEVEL else course.design.level() }
        val foresight = Foresight(courses.map { it to level(it) }, ::foresee)
        if (options.until == null) return foresight.lines()
        foresight.settled.forEach { (course, why) -> course.ended = why }
        val lines = courses.filter { it.isOpen }.mapNotNull { course -> likely(course, foresight, costs) }
        val decided = courses.count { it.ended == null && !it.isOpen }
        return foresight.lines() + "$decided of ${counted(courses.size, "claim")} decided at the first look" + lines
    }

    /** How many seeds an open claim would likely need, and what they cost; null where it is decided. */
    private fun likely(course: Course, foresight: Foresight, costs: Costs): String? {
        val there = runs(course, course.n).all(::isThere)
        if (there) look(course, course.experiment)
        if (!course.isOpen) return null
        val judgement = course.judgement
        val n =
            if (judgement == null) foresight.first(course)
            else course.design.likely(judgement.claim(), course.n).let { if (it.isPresent) it.asInt else null }
        val known = if (judgement == null) "no spread known yet, not before" else "likely"
        val words =
            when {
                n == null && judgement != null ->
                    "likely more than ${counted(course.design.looks().last(), "seed")}, as values and spread are now"
                n == null || n == course.n -> "no spread known yet: it may be decided at ${counted(course.n, "seed")}"
                else -> {
                    val missing = missing(course, n)
                    "$known ${counted(n, "seed")}: ${counted(missing.size, "run")}, about ${duration(costs.seconds(missing))}"
                }
            }
        return "open: '${course.claim.text}' (${course.experiment.name}): $words"
    }

    /**
     * Goes on after the first look.
     *
     * @param code what the first look's command ended with
     * @param train trains these runs and computes what follows from them; null where it was stopped
     * @return the exit code
     */
    fun goOn(
        code: Int,
        failed: Map<String, String>,
        train: (List<RunRequest>, List<Experiment>) -> List<RunResult>?,
    ): Int {
        incomplete += failed
        courses.filter { it.isOpen }.forEach { look(it, it.experiment) }
        while (true) {
            val chosen = affordable()
            if (chosen.isEmpty()) return report(code)
            val wanted = chosen.flatMap { (_, runs) -> runs }.distinctBy { it.id() }
            say(chosen, wanted)
            val added =
                chosen.map { (course, _) ->
                    at(course, course.next!!).only(runs(course, course.next!!).map { it.id() }.toSet())
                }
            val results = train(wanted, added)
            if (results == null && !isSpent()) return ExitCode.INTERRUPTED
            if (results == null) return report(code)
            results
                .filter { it.run().isEmpty }
                .forEach { incomplete[it.request().id()] = "${it.request().label()}: ${it.cause()}" }
            chosen.forEach { (course, _) ->
                val before = course.hangsOnAll
                course.look++
                look(course, at(course, course.n))
                if (course.hangsOnAll != before) course.look--
            }
        }
    }

    /** Open claims with the runs that their next look lacks, cheapest first, as many as the budget has time for. */
    private fun affordable(): List<Pair<Course, List<RunRequest>>> {
        val costs = Costs(store, options)
        var spent = 0.0
        return courses
            .filter { it.isOpen && it.next != null }
            .mapNotNull { course ->
                val missing = missing(course, course.next!!)
                val grows = runs(course, course.next!!).size > runs(course, course.n).size
                if (!grows) course.ended = "its runs have seeds of their own, which are not added to"
                if (grows) Triple(course, missing, costs.seconds(missing)) else null
            }
            .sortedBy { it.third }
            .takeWhile { (_, _, seconds) ->
                spent += seconds
                spent <= left || seconds == 0.0
            }
            .map { (course, missing, _) -> course to missing }
    }

    private fun missing(course: Course, n: Int): List<RunRequest> = runs(course, n).filterNot(::isThere)

    /** The runs that a claim hangs on with so many seeds. */
    private fun runs(course: Course, n: Int): List<RunRequest> {
        val experiment = rehearsal(course, n)
        return if (course.hangsOnAll) experiment.requests else experiment.runsOf(same(experiment, course))
    }

    private fun foresee(course: Course): Claim? = rehearsal(course, course.n).let { it.foresee(same(it, course)) }

    /**
     * The course's experiment with so many seeds, declared for being looked at without data: what its blocks leave in
     * the script's variables then must not reach those that are judged. A plan without more seeds judges nothing.
     */
    private fun rehearsal(course: Course, n: Int): Experiment {
        val until = options.until ?: return course.experiment
        val seeds = course.seedsAt(n)
        return rehearsed.getOrPut(seeds) { until.declare(seeds) }.single { it.name == course.experiment.name }
    }

    /** The course's experiment with so many seeds. */
    private fun at(course: Course, n: Int): Experiment {
        val seeds = course.seedsAt(n)
        if (n == course.design.looks().first()) return course.experiment
        return declared.getOrPut(seeds) { options.until!!.declare(seeds) }.single { it.name == course.experiment.name }
    }

    private fun same(experiment: Experiment, course: Course): ClaimDeclaration =
        experiment.claims[course.experiment.claims.indexOf(course.claim)]

    /**
     * Judges a claim by the runs that are there. Where its block asks for runs that its rehearsal didn't (what it reads
     * depends on what it finds), it hangs on all of the experiment's runs, and waits for them.
     */
    private fun look(course: Course, experiment: Experiment) {
        experiment.archive.fill(StoreRuns(store))
        try {
            val (evaluated, asked) =
                experiment.archive.watching { same(experiment, course).evaluate(experiment.archive, incomplete) }
            val lacking = experiment.requests.any { it.id() in asked && it.id() !in incomplete && !isThere(it) }
            if (lacking) course.hangsOnAll = true else course.judgement = course.design.judge(evaluated.first)
        } catch (failure: Exception) {
            course.ended = options.blame(failure).message ?: failure.toString()
        }
    }

    private fun isThere(request: RunRequest) = Runner.finished(store, request).isPresent

    private fun say(chosen: List<Pair<Course, List<RunRequest>>>, wanted: List<RunRequest>) {
        val claims = counted(chosen.size, "open claim")
        options.display.say("$claims: ${counted(wanted.size, "run")} with more seeds, for the next look")
    }

    private fun report(code: Int): Int {
        courses.groupBy { it.experiment.name }.forEach { (name, own) -> Sequence.print(name, own, options) }
        val open = courses.count { it.isOpen && it.next != null }
        if (open > 0)
            options.display.say("${counted(open, "claim")} left open by --budget; go on with: ${options.again}")
        return code
    }
}
