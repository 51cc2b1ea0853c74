package holonomy.geometry

import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe

/** Walks of [blocks] matrices of [dimension] weights, [snapshots] each, independent of each other. */
private fun walks(blocks: Int, dimension: Int, snapshots: Int): ArrayTrajectory {
    val values =
        (0..<blocks).associate { block ->
            val random = Stream.of(7, "walk").at(block.toLong())
            val path = Array(snapshots) { FloatArray(dimension) { random.nextGaussian().toFloat() } }
            for (t in 1..<snapshots) for (d in 0..<dimension) path[t][d] += path[t - 1][d]
            "layers.$block.W" to path
        }
    return ArrayTrajectory.of(LinkedHashMap(values), LongArray(snapshots) { it.toLong() })
}

class StreamedOverlapTest :
    FreeSpec({
        val path = walks(blocks = 6, dimension = 20_000, snapshots = 9)
        val grams = path.blocks().map { Gram.of(path, it) }
        val overlap = StreamedOverlap.of(path, grams, 3)

        "equals the overlap of the subspaces themselves" {
            val subspaces = path.blocks().map { Subspace.principal(path, it, 3) }
            for (a in 0..5) for (b in 0..5) {
                overlap.get(a, b) shouldBe (subspaces[a].anglesTo(subspaces[b]).overlap() plusOrMinus 1e-9)
            }
        }

        "a subspace with itself has 1" { (0..5).forEach { overlap.get(it, it) shouldBe (1.0 plusOrMinus 1e-12) } }

        "independent paths have k/D, their mean within its chi-square interval" {
            val pairs = (0..5).flatMap { a -> (0..<a).map { b -> overlap.get(a, b) } }
            val chance = OverlapNull(3, 3, 20_000)
            val ends = listOf(.005, .995).map { chance.quantileOfMean(it, pairs.size) }
            pairs.average().shouldBeBetween(ends[0], ends[1], 0.0)
            ends[0] / chance.mean() shouldBe (.7 plusOrMinus .05)
        }

        "the interval of a mean is the single pair's for one pair, and narrows as 1/sqrt(pairs)" {
            val chance = OverlapNull(3, 3, 4096)
            chance.quantileOfMean(.975, 1) shouldBe chance.quantile(.975)
            val width = { pairs: Int -> chance.quantileOfMean(.975, pairs) - chance.quantileOfMean(.025, pairs) }
            width(4000) / width(1000) shouldBe (.5 plusOrMinus .01)
        }

        "blocks that don't move have no overlap; blocks of different sizes are refused" {
            val still = ArrayTrajectory.of(mapOf("a" to Array(4) { FloatArray(5) }), longArrayOf(0, 1, 2, 3))
            StreamedOverlap.of(still, listOf(Gram.of(still, "a")), 2).get(0, 0).isNaN() shouldBe true
            shouldThrow<IllegalArgumentException> {
                    StreamedOverlap.of(path, listOf(grams[0], Gram.of(still, "a")), 2)
                }
                .message shouldBe
                "overlap of 'a' of 5 weights and 'layers.0.W' of 20000: subspaces of different sizes have no angles between them"
        }
    })
