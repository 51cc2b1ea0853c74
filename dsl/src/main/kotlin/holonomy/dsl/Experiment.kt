package holonomy.dsl

/** One question, the runs that answer it, its figures and its claims. */
class Experiment(val name: String, val question: String)

/** Declares an experiment. */
fun experiment(name: String, question: String, block: Experiment.() -> Unit) {
    val experiment = Experiment(name, question).apply(block)
    Declarations.current()?.add(experiment)
}
