package holonomy.geometry

import holonomy.task.Stream
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private const val D = 6
private const val HEADS = 3

private fun trajectory(weights: Map<String, FloatArray>) =
    ArrayTrajectory.of(LinkedHashMap(weights.mapValues { arrayOf(it.value, it.value) }), longArrayOf(0, 1))

private fun product(product: HeadProduct, weights: Map<String, FloatArray>, head: Int): FloatArray {
    val into = FloatArray(D * D)
    product.path(trajectory(weights), 0, head, HEADS, D).read(0, product.block(0, head), 0, into, D * D)
    return into
}

class HeadProductTest :
    FreeSpec({
        val random = Stream.of(5, "matrices").at(0)
        val weights =
            listOf("Q", "K", "V", "O").associate {
                "layers.0.W_$it" to FloatArray(D * D) { random.nextGaussian().toFloat() }
            }
        fun entry(letter: String, row: Int, column: Int) = weights.getValue("layers.0.W_$letter")[row * D + column].toDouble()

        "is the product of the head's rows and columns" {
            for (i in 0..<D) for (j in 0..<D) {
                val qk = (2..3).sumOf { entry("Q", it, i) * entry("K", it, j) }
                val ov = (2..3).sumOf { entry("O", i, it) * entry("V", it, j) }
                product(HeadProduct.QK, weights, 1)[i * D + j].toDouble() shouldBe (qk plusOrMinus 1e-5)
                product(HeadProduct.OV, weights, 1)[i * D + j].toDouble() shouldBe (ov plusOrMinus 1e-5)
            }
        }

        "does not change when the head's coordinates do" {
            // R = [[2, 1], [0, .5]] on head 1: W_Q -> R W_Q, W_K -> R^-T W_K, and W_V -> R W_V, W_O -> W_O R^-1.
            val told = weights.mapValues { it.value.clone() }
            fun set(letter: String, row: Int, column: Int, value: Double) {
                told.getValue("layers.0.W_$letter")[row * D + column] = value.toFloat()
            }
            for (c in 0..<D) {
                for (letter in listOf("Q", "V")) {
                    set(letter, 2, c, 2 * entry(letter, 2, c) + entry(letter, 3, c))
                    set(letter, 3, c, .5 * entry(letter, 3, c))
                }
                set("K", 2, c, .5 * entry("K", 2, c))
                set("K", 3, c, -entry("K", 2, c) + 2 * entry("K", 3, c))
                set("O", c, 2, .5 * entry("O", c, 2))
                set("O", c, 3, -entry("O", c, 2) + 2 * entry("O", c, 3))
            }
            for (kind in HeadProduct.entries) for (head in 0..<HEADS) {
                val before = product(kind, weights, head)
                product(kind, told, head).forEachIndexed { i, value ->
                    value.toDouble() shouldBe (before[i].toDouble() plusOrMinus 1e-5)
                }
            }
        }
    })
