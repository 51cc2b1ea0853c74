package holonomy.dsl

import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Site
import holonomy.model.Weights
import holonomy.probe.LinearProbe
import holonomy.probe.LogisticRegression
import holonomy.probe.Places
import holonomy.probe.Recording
import holonomy.probe.Standardised
import holonomy.study.markers.standard
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

class KotlinDlTest :
    FreeSpec({
        "KotlinDL and DJL in one JVM: their probes of the same activations agree within half a percent" {
            // DJL records the activations and fits the logistic regression, TensorFlow fits KotlinDL's layer in
            // between.
            val task = MarkedTask(Operation.sum(4), 12, 32, 16, 4, listOf(1, 2, 3), MarkedTask.Placement.PER_SEQUENCE)
            val model = Architecture(32, 12, 4, 2, 4, 32, 0)
            val theta = Weights.initial(model, 3).values()
            model.open(ComputeDevice.CPU).use { network ->
                Recording.of(network, theta, task, Stream.of(1, "rows"), Site.residual(1), Places.LAST, 9_000).use {
                    val scale = Standardised.of(it.activations().rows(0, 3_000), 32)
                    val known = scale.apply(it.activations().rows(0, 3_000))
                    val unknown = scale.apply(it.activations().rows(3_000, 6_000))
                    val labels = IntArray(9_000) { row -> it.labels().markers()[row] - 1 }
                    fun accuracy(fitter: LinearProbe.Fitter) =
                        fitter
                            .fit(known, labels.copyOf(3_000), 3, 1)
                            .accuracy(unknown, labels.copyOfRange(3_000, 9_000))
                    val ours = accuracy(LogisticRegression.standard())
                    val theirs = accuracy(KotlinDlProbe())
                    theirs shouldBe (ours plusOrMinus .005)
                    // Something was learned: m shows even in the activations of random weights.
                    ours shouldBeGreaterThan 1 / 3.0 + .1
                    val batch = task.batch(Stream.of(1, "after"), 0, 4)
                    network.logits(theta, batch) shouldBe network.logits(theta, batch)
                    accuracy(LogisticRegression.standard()) shouldBe ours
                }
            }
        }

        "on this machine the probes are KotlinDL's" {
            val native = System.getProperty("os.arch") in listOf("amd64", "x86_64")
            (linearProbeFitter is KotlinDlProbe) shouldBe native
        }
    })
