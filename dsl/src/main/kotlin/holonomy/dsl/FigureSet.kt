package holonomy.dsl

import holonomy.data.UserError

/**
 * The page that all experiments end on.
 *
 * @property title its heading
 * @property about a line below the heading
 */
data class FigureSet(val title: String, val about: String)

/** Declares the page of the figure set; said once, in `scripts/figure-set.main.kts`. */
fun figureSet(title: String, about: String) {
    val declarations =
        Declarations.current()
            ?: throw UserError("figureSet: the figure set is made by the launcher; run ./holonomy figures")
    declarations.set(FigureSet(title, about))
}
