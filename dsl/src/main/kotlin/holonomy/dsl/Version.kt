package holonomy.dsl

/** The version of this library, as scripts name it. */
const val VERSION = "0.1.0"
