package holonomy.notebook

/** What is to stand under the cell of a notebook that is being run, as HTML. */
internal class Cell {
    private val held = mutableListOf<String>()

    @Synchronized
    fun show(html: String) {
        held += html
    }

    /** What was to be shown, once. */
    @Synchronized fun take(): List<String> = held.toList().also { held.clear() }

    companion object {
        /** Null outside of notebooks. */
        @Volatile var current: Cell? = null
    }
}
