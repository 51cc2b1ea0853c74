package holonomy.figure

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.inference.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.exp
import kotlin.math.ln

class BandsTest :
    FreeSpec({
        val step = Axis.STEP
        val loss = Axis("loss", "loss", "nats")

        fun table(vararg rows: List<Any?>): Table {
            val builder = Table.builder(listOf(text("arm"), whole("seed"), whole("step"), quantity("loss")))
            rows.forEach { builder.row(*it.toTypedArray()) }
            return builder.build()
        }

        "a text x without groups keeps the order of the rows" {
            val rows = table(listOf("b", 1, 0, 1.0), listOf("a", 1, 0, 3.0))
            val bands = Bands.of(rows, Axis("arm", "arm"), loss, listOf(), Spread.RANGE)
            bands.summary.rows().map { it.text("arm") } shouldBe listOf("b", "a")
        }

        "spread over seeds" -
            {
                val sample = doubleArrayOf(1.0, 2.0, 6.0)
                "standard deviation has divisor n - 1" {
                    Spread.STANDARD_DEVIATION.of(sample, Scale.IDENTITY) shouldBe
                        Ends(3.0, 3.0 - Math.sqrt(7.0), 3.0 + Math.sqrt(7.0))
                }
                "Student's interval of 3 values uses t = 4.302653" {
                    val ends = Spread.INTERVAL.of(sample, Scale.IDENTITY)
                    ends.upper shouldBe (3.0 + 4.302652729911275 * Math.sqrt(7.0) / Math.sqrt(3.0) plusOrMinus 1e-9)
                    ends.lower shouldBe (6.0 - ends.upper plusOrMinus 1e-9)
                }
                "the interval is the one that claims use, for few seeds and for many, on every scale" {
                    for (n in listOf(2, 3, 10, 11, 20)) for (scale in listOf(Scale.IDENTITY, Scale.LOG)) {
                        val values = DoubleArray(n) { exp(Math.sin(it.toDouble())) }
                        val bySeed = java.util.TreeMap(values.indices.associate { it.toLong() to values[it] })
                        val claimed = SeedValues("any", scale, bySeed).estimate()
                        Spread.INTERVAL.of(values, scale) shouldBe Ends(claimed.value(), claimed.low(), claimed.high())
                    }
                }
                "seeds are taken in their order, as claims take them" {
                    val seeds = (1..12).toList()
                    fun summary(order: List<Int>) =
                        Bands.of(
                                table(*order.map { listOf("a", it, 0, exp(Math.sin(it.toDouble()))) }.toTypedArray()),
                                step,
                                loss,
                                listOf("arm"),
                                Spread.INTERVAL,
                            )
                            .summary
                    summary(seeds.reversed()).value(0, "lower") shouldBe summary(seeds).value(0, "lower")
                }
                "what is said of it" {
                    Spread.INTERVAL.describe(Scale.IDENTITY) shouldBe "95 % interval of the mean over seeds, Student t"
                    Spread.INTERVAL.describe(Scale.LOG) shouldBe
                        "95 % interval of the geometric mean over seeds, Student t"
                    Spread.INTERVAL.describe(Scale.OUTCOME) shouldBe "95 % interval of the mean over seeds, Wilson"
                    Spread.STANDARD_DEVIATION.describe(Scale.LOG) shouldBe "± 1 standard deviation of the logarithm"
                }
                "range" { Spread.RANGE.of(sample, Scale.IDENTITY) shouldBe Ends(3.0, 1.0, 6.0) }
                "on a log scale it is that of the logarithm, so a positive quantity stays positive" {
                    val ends = Spread.STANDARD_DEVIATION.of(doubleArrayOf(exp(-3.0), exp(1.0)), Scale.LOG)
                    ln(ends.mean) shouldBe (-1.0 plusOrMinus 1e-12)
                    ln(ends.lower) shouldBe (-1.0 - Math.sqrt(8.0) plusOrMinus 1e-12)
                }
                "one value has no spread" {
                    Spread.INTERVAL.of(doubleArrayOf(2.0), Scale.IDENTITY).lower.isNaN() shouldBe true
                }
            }

        "an interval ends where the quantity does, in panels of several quantities each where its own does" {
            val rows =
                table(
                    listOf("accuracy", 1, 0, 0.2),
                    listOf("accuracy", 2, 0, 0.8),
                    listOf("loss", 1, 0, 0.2),
                    listOf("loss", 2, 0, 0.8),
                )
            val y = loss.copy(possibleOf = mapOf("accuracy" to 0.0..1.0, "loss" to 0.0..Double.POSITIVE_INFINITY))
            val ends =
                Bands.of(rows, step, y, listOf("arm"), Spread.INTERVAL).summary.rows().map {
                    it.number("lower") to it.number("upper")
                }
            ends[0] shouldBe (0.0 to 1.0)
            ends[1].first shouldBe 0.0
            ends[1].second shouldBe (0.5 + 12.706204736432095 * 0.3 plusOrMinus 1e-9)
        }

        "one row per x and group, with the number of seeds behind it" {
            val bands =
                Bands.of(
                    table(listOf("a", 1, 0, 1.0), listOf("a", 2, 0, 3.0), listOf("b", 1, 0, 5.0)),
                    step,
                    loss,
                    listOf("arm"),
                    Spread.RANGE,
                )
            bands.summary.rows().map { listOf(it.text("arm"), it.number("mean"), it.number("n")) } shouldBe
                listOf(listOf("a", 2.0, 2.0), listOf("b", 5.0, 1.0))
            bands.summary.value(1, "lower") shouldBe null
            bands.n shouldBe 1..2
        }

        "what cannot be drawn is counted, not drawn" {
            val rows =
                table(
                    listOf("a", 1, 0, null),
                    listOf("a", 1, 1, Double.POSITIVE_INFINITY),
                    listOf("a", 1, 2, 0.0),
                    listOf("a", 1, 3, 1.0),
                )
            Bands.of(rows, step, loss, listOf("arm"), Spread.RANGE).dropped shouldBe 2
            Bands.of(rows, step, loss.copy(log = true), listOf("arm"), Spread.RANGE).dropped shouldBe 3
        }

        "two rows of one seed at one place are an error that names the place" {
            val rows = table(listOf("a", 1, 50, 1.0), listOf("a", 1, 50, 2.0))
            shouldThrow<IllegalArgumentException> { Bands.of(rows, step, loss, listOf("arm"), Spread.RANGE) }
                .message shouldBe
                "seed '1' has 2 rows at arm a, step 50, expected one: give the column that tells them apart as colour or facet, or bring them together first"
        }

        "a missing column is an error that lists those there are" {
            shouldThrow<IllegalArgumentException> { Bands.of(table(), step, loss, listOf("matrix"), Spread.RANGE) }
                .message shouldBe "no column 'matrix' to draw; the table has arm, seed, step, loss"
        }
    })
