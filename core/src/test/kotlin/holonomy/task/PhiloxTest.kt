package holonomy.task

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.long
import io.kotest.property.checkAll

class PhiloxTest :
    FreeSpec({
        "the known answers of the generator's authors (Random123, philox4x32-10)" {
            fun block(key: Long, low: Long, high: Long) = IntArray(4).also { Philox.block(key, low, high, it) }
            fun words(vararg words: Long) = IntArray(4) { words[it].toInt() }
            block(0, 0, 0) shouldBe words(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)
            block(-1, -1, -1) shouldBe words(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)
            block(0x299f31d0_a4093822L, 0x85a308d3_243f6a88u.toLong(), 0x03707344_13198a2eL) shouldBe
                words(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)
        }

        "a sequence is a pure function of seed, name and index" {
            checkAll(50, Arb.long(), Arb.long(0, 1000)) { seed, index ->
                val first = Stream.of(seed, "a").at(index)
                val again = Stream.of(seed, "a").at(index)
                repeat(20) { first.nextLong() shouldBe again.nextLong() }
            }
        }

        "neighbouring seeds, names and indices have nothing in common" {
            val reference = Stream.of(1, "a").at(0).nextLong()
            Stream.of(2, "a").at(0).nextLong() shouldNotBe reference
            Stream.of(1, "b").at(0).nextLong() shouldNotBe reference
            Stream.of(1, "a").at(1).nextLong() shouldNotBe reference
        }

        "bounded integers stay in bounds and are uniform (chi-square below its 99.9 % point)" {
            checkAll(20, Arb.int(1, 1_000_000_000)) { bound ->
                val random = Stream.of(3, "bound").at(bound.toLong())
                repeat(50) { random.nextInt(bound) shouldBeInRange 0..<bound }
            }
            val counts = IntArray(10)
            val random = Stream.of(4, "uniform").at(0)
            repeat(100_000) { counts[random.nextInt(10)]++ }
            val chiSquare = counts.sumOf { (it - 10_000.0) * (it - 10_000.0) / 10_000.0 }
            (chiSquare < 27.88) shouldBe true
        }

        "Gaussians have mean 0, variance 1 and the normal's fourth moment" {
            val random = Stream.of(5, "gauss").at(0)
            val draws = DoubleArray(200_000) { random.nextGaussian() }
            draws.average() shouldBe (0.0 plusOrMinus .01)
            draws.map { it * it }.average() shouldBe (1.0 plusOrMinus .015)
            draws.map { it * it * it * it }.average() shouldBe (3.0 plusOrMinus .12)
        }
    })
