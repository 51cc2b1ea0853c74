package holonomy.dsl

/** `1 run`, `2 runs`. */
internal fun counted(count: Int, what: String): String = if (count == 1) "1 $what" else "$count ${what}s"
