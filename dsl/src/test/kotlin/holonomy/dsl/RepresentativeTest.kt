package holonomy.dsl

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

private val small =
    Profile(
        name = "small",
        length = 12,
        vocabulary = 32,
        classes = 4,
        firstMarker = 16,
        reservedMarkers = 3,
        markers = 1..2,
        layers = 2,
        heads = 2,
        width = 16,
        learningRate = 1e-3,
        weightDecay = .01,
        warmup = 0,
        steps = 20,
        batch = 16,
        snapshots = 6,
        evaluations = 5,
        heldOut = 64,
        seeds = listOf(1, 2),
    )

/** The same experiment as [RepresentativeJava], in the words of a script. */
private fun script() =
    experiment("representative", question = "Is what Kotlin says what Java says?") {
        val spectrum = trajectorySpectrum(of = attention, snapshots = small.snapshots)
        train(small.attentionOnly, on = listOf(1..1, 1..2).map { small.markedSum(it) }, seeds = small.seeds) {
            measure(accuracy(small.evaluations, small.heldOut), spectrum)
        }
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
    })
