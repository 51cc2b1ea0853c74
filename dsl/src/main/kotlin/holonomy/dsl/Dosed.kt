package holonomy.dsl

import holonomy.data.UserError

/**
 * One kind of act in several strengths: `val held = dosed(listOf(.5, .75, 1.0)) { suppressOutside(own, s = it, from =
 * start) }`; `held[.5]` is the one of that strength.
 */
class Dosed internal constructor(private val acts: List<Act>) : List<Act> by acts {
    /** The act of a strength. */
    operator fun get(strength: Double): Act =
        acts.firstOrNull { it.strength == strength }
            ?: throw UserError(
                "acts of strength ${acts.joinToString { it.dose }}: there is none of strength $strength; give one of these"
            )
}

/** Acts of one kind, one per strength. */
fun dosed(strengths: List<Double>, act: (Double) -> Act): Dosed = Dosed(strengths.map(act))
