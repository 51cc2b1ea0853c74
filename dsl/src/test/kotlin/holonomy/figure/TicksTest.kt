package holonomy.figure

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class TicksTest :
    FreeSpec({
        "logarithmic ticks are powers of ten, and 2 and 5 times them on a short axis" {
            Ticks.logarithmic(0.0008, 2.0) shouldBe listOf(0.001, 0.01, 0.1, 1.0)
            Ticks.logarithmic(1.5, 30.0) shouldBe listOf(2.0, 5.0, 10.0, 20.0)
        }

        "ticks of narrow panels don't meet the next panel's" {
            Ticks.narrow(0.0, 20_000.0, 150) shouldBe listOf(0.0, 10_000.0)
            Ticks.narrow(0.0, 4.0, 150) shouldBe listOf(0.0, 1.0, 2.0, 3.0)
        }

        "numbers that were no decimals read as what they are nearest to, and different ones differently" {
            val floats = listOf(1e-7f, 1e-6f, 0.1f).map { it.toDouble() }
            floats.map { Ticks.label(it) } shouldBe listOf("10⁻⁷", "10⁻⁶", "0.1")
            Ticks.labels(listOf(0.3, 0.1 + 0.2, 1.0)) shouldBe listOf("0.3", "0.30000000000000004", "1")
            Ticks.labels(listOf(1e-3, 1e-2)) shouldBe listOf("0.001", "0.01")
        }

        "labels" {
            listOf(0.0, 0.01, 0.25, 4.0, 999.0, 1000.0, 20_000.0, -1500.0, 1e6, 2e-5).map { Ticks.label(it) } shouldBe
                listOf("0", "0.01", "0.25", "4", "999", "1,000", "20,000", "-1,500", "10⁶", "2·10⁻⁵")
        }
    })
