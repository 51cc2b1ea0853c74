package holonomy.text

/** `1 run`, `2 runs`. */
fun counted(count: Int, what: String): String = if (count == 1) "1 $what" else "$count ${what}s"
