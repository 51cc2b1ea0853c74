package holonomy.probe

import holonomy.task.Stream
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

class LinearProbeTest :
    FreeSpec({
        "logistic regression finds the minimum: of two Gaussians, their known optimal boundary" {
            val random = Stream.of(1, "gauss").at(0)
            val n = 4_000
            val labels = IntArray(n) { it % 2 }
            val rows = FloatArray(n * 3)
            for (i in 0 until n) for (j in 0..2) {
                rows[i * 3 + j] = (random.nextGaussian() + if (j == 0) 2.0 * labels[i] - 1 else 0.0).toFloat()
            }
            val probe = LogisticRegression.standard().fit(rows, labels, 2, 0)
            // w_1 - w_0 = (mu_1 - mu_0) / variance = (2, 0, 0); accuracy Phi(1) = .8413.
            val difference = List(3) { (probe.weights()[3 + it] - probe.weights()[it]).toDouble() }
            difference[0] shouldBe (2.0 plusOrMinus .15)
            difference[1] shouldBe (0.0 plusOrMinus .1)
            difference[2] shouldBe (0.0 plusOrMinus .1)
            probe.accuracy(rows, labels) shouldBe (.8413 plusOrMinus .02)
        }

        "more steps change nothing, equal inputs give equal bytes" {
            val random = Stream.of(2, "gauss").at(0)
            val labels = IntArray(900) { it % 3 }
            val rows = FloatArray(900 * 8) { (random.nextGaussian() + .6 * labels[it / 8] * (it % 3)).toFloat() }
            val probe = LogisticRegression.standard().fit(rows, labels, 3, 0)
            LogisticRegression.standard().fit(rows, labels, 3, 0).weights() shouldBe probe.weights()
            val longer = LogisticRegression(1e-4, 2_000).fit(rows, labels, 3, 0)
            probe.accuracy(rows, labels) shouldBe (longer.accuracy(rows, labels) plusOrMinus .005)
            probe.accuracy(rows, labels) shouldBeGreaterThan LinearProbe.majority(labels) + .2
        }

        "features that never vary become 0" {
            val scaled = Standardised.of(floatArrayOf(1f, 5f, 3f, 5f), 2)
            scaled.apply(floatArrayOf(1f, 5f, 3f, 5f)) shouldBe floatArrayOf(-1f, 0f, 1f, 0f)
        }

        "directions sum to zero and are those of the features before scaling" {
            val probe = LinearProbe(2, floatArrayOf(1f, 2f, 3f, 6f), floatArrayOf(0f, 0f))
            probe.directions(doubleArrayOf(1.0, 2.0)).map { it.toList() } shouldBe
                listOf(listOf(-1.0, -1.0), listOf(1.0, 1.0))
        }
    })
