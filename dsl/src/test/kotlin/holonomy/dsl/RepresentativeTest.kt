package holonomy.dsl

import holonomy.measure.TrajectorySpectrum
import holonomy.model.ComputeDevice
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.heldOut
import holonomy.study.markers.markedSum
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe

private val small = tiny.copy(name = "small")

/** The same experiment as [RepresentativeJava], in the words of a script. */
private fun script(tell: (Runs, SpectrumHandle) -> Unit = { _, _ -> }) =
    experiment("representative", question = "Is what Kotlin says what Java says?") {
        val spectrum = trajectorySpectrum(of = attention, snapshots = small.snapshots)
        val runs =
            train(small.attentionOnly, on = listOf(1..1, 1..2).map { small.markedSum(it) }, seeds = small.seeds) {
                measure(accuracy(small.evaluations, small.heldOut), spectrum)
            }
        tell(runs, spectrum)
    }

class RepresentativeTest :
    FreeSpec({
        "the script and its Java twin want the same runs, with the same measures and snapshots" {
            val said = Declarations.collecting(Declarations(Invocation())) { script() }.requests
            val twin = RepresentativeJava.requests()
            said.map { it.id() } shouldBe twin.map { it.id() }
            said.map { it.label() } shouldBe twin.map { it.label() }
            said.map { request -> request.measures().map { it.file() } } shouldBe
                twin.map { request -> request.measures().map { it.file() } }
            said.map { it.snapshots() } shouldBe twin.map { it.snapshots() }
        }

        "and find the same number, with the same label, measured and under a null" {
            lateinit var said: Pair<Runs, SpectrumHandle>
            val declared = Declarations(Invocation())
            val experiment = Declarations.collecting(declared) { script { runs, spectrum -> said = runs to spectrum } }
            val store = Store.open(tempdir().toPath())
            val results = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(experiment.requests) { false }
            val stored = results.associateTo(linkedMapOf()) { it.request() to it.run().get() }
            experiment.archive.fill(stored.mapKeys { it.key.id() })
            val (runs, spectrum) = said
            for (task in runs.tasks) {
                val own = stored.filterKeys { it.spec().task() == task }
                val mean = runs.of(task).mean(spectrum.r90Interpolated)
                mean.values shouldBe RepresentativeJava.meanRank(own, TrajectorySpectrum.MEASURED)
                mean.under(uncorrelatedWalk) shouldBe RepresentativeJava.meanRank(own, uncorrelatedWalk.label)
            }
        }
    })
