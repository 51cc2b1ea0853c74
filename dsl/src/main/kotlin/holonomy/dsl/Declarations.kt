package holonomy.dsl

import holonomy.data.UserError

/** The profiles of the prelude, smallest first. */
val PROFILES = listOf("quick", "standard", "paper")

/** The devices a script may be asked to train on; `auto` takes CUDA where it is seen. */
val DEVICES = listOf("auto", "cpu", "cuda")

/**
 * What a script is asked for.
 *
 * @property profile one of [PROFILES]
 * @property seeds the seeds to train instead of the profile's; null keeps the profile's
 * @property settings departures from the profile, by key
 * @property device one of [DEVICES]
 */
data class Invocation(
    val profile: String = "quick",
    val seeds: List<Long>? = null,
    val settings: Map<String, String> = emptyMap(),
    val device: String = "auto",
)

/**
 * Collects what scripts declare while the host evaluates them on this thread; without a host, an experiment runs at
 * once.
 *
 * Not thread-safe: one instance belongs to one thread.
 */
class Declarations(val invocation: Invocation) {
    private val declared = mutableListOf<Experiment>()

    /** What has been declared so far, in the order of declaration. */
    val experiments: List<Experiment>
        get() = declared.toList()

    /** The claims that were made out before anything trained. */
    val rehearsed = mutableListOf<DeclaredClaim>()

    /** The page of the figure set, if it was declared. */
    var figureSet: FigureSet? = null
        private set

    /** Declares the page of the figure set; a second one is the user's mistake. */
    fun set(page: FigureSet) {
        if (figureSet != null) throw UserError("figureSet is said twice; one page holds all experiments")
        figureSet = page
    }

    /** Adds an experiment; a second one of the same name is the user's mistake. */
    fun add(experiment: Experiment) {
        if (declared.any { it.name == experiment.name }) {
            throw UserError("experiment '${experiment.name}' is declared twice; give the second one another name")
        }
        declared += experiment
    }

    companion object {
        private val active = ThreadLocal<Declarations?>()

        /** The collector of this thread, or null where no host evaluates a script. */
        fun current(): Declarations? = active.get()

        /** The result of [block], run with [declarations] as this thread's collector; the former one is put back. */
        fun <T> collecting(declarations: Declarations, block: () -> T): T {
            val former = active.get()
            active.set(declarations)
            try {
                return block()
            } finally {
                if (former == null) active.remove() else active.set(former)
            }
        }
    }
}
