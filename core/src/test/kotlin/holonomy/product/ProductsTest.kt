package holonomy.product

import holonomy.model.ComputeDevice
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch

/** Products that do something else than they should. */
internal class Faulty(val products: Products, val fault: (Factor, Factor, Matrix) -> Unit) : Products {
    override fun multiply(a: Factor, b: Factor, c: Matrix) {
        products.multiply(a, b, c)
        fault(a, b, c)
    }

    override fun multiplyAdd(a: Factor, b: Factor, c: Matrix) {
        products.multiplyAdd(a, b, c)
        fault(a, b, c)
    }
}

class ProductsTest :
    FreeSpec({
        val manager = ComputeDevice.engine().newBaseManager(ComputeDevice.CPU.device())
        afterSpec { manager.close() }

        fun matrix(rows: Int, columns: Int, vararg values: Int) =
            Matrix(manager, rows, columns).apply {
                if (values.isNotEmpty()) putRows(0, rows, FloatArray(values.size) { values[it].toFloat() }, 0)
            }

        fun entries(matrix: Matrix) =
            FloatArray(matrix.rows() * matrix.columns())
                .also { matrix.getRows(0, matrix.rows(), it, 0) }
                .map { it.toInt() }

        val libraries = mapOf("engine" to EngineProducts(), "chosen" to ProductLibrary.chosen().products())
        for ((name, products) in libraries) {
            "$name: the self-test finds nothing wrong" { SelfTest.problem(products, manager).shouldBeEmpty() }
            "$name: products of small matrices, of a part, of a transpose, added" {
                val a = matrix(2, 3, 1, 2, 3, 4, 5, 6)
                val b = matrix(3, 2, 1, 0, 0, 1, 2, 2)
                val c = matrix(2, 2, 100, 100, 100, 100)
                products.multiply(a, b, c)
                entries(c) shouldBe listOf(7, 8, 16, 17)
                products.multiplyAdd(a, b, c)
                entries(c) shouldBe listOf(14, 16, 32, 34)
                val square = matrix(3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0)
                products.multiply(
                    a.transposed(),
                    b.transposed().matrix().rows(0, 2).part(0, 2, 1, 1),
                    square.part(0, 3, 2, 1),
                )
                entries(square) shouldBe listOf(0, 0, 4, 0, 0, 5, 0, 0, 6)
                products.multiply(a.`as`(3, 2).transposed(), a.`as`(3, 2), c)
                entries(c) shouldBe listOf(35, 44, 44, 56)
            }
            "$name: sizes that don't fit" {
                val message =
                    shouldThrow<IllegalArgumentException> {
                            products.multiply(matrix(2, 3), matrix(2, 3), matrix(2, 3))
                        }
                        .message
                message shouldBe "product of [2, 3] and [2, 3] into [2, 3]"
            }
            "$name: the self-test finds a library that is wrong in one entry, or writes beside the result" {
                fun fault(change: (FloatArray) -> Unit) =
                    Faulty(products) { a, _, c ->
                        if (a.isTransposed) {
                            val row = FloatArray(c.columns())
                            c.get(0, 0, row, row.size)
                            change(row)
                            c.put(0, 0, row, row.size)
                        }
                    }
                SelfTest.problem(fault {}, manager).shouldBeEmpty()
                for (change in listOf<(FloatArray) -> Unit>({ it[0] += .001f }, { it[0] = Float.NaN })) {
                    SelfTest.problem(fault(change), manager) shouldBePresent
                        {
                            it shouldMatch "its product of \\[1, 1] and \\[1, 1] is wrong by \\S+ of the largest entry"
                        }
                }
            }
        }
        "views that leave their memory" {
            val a = matrix(4, 5)
            for (bad in listOf<() -> Matrix>({ a.rows(3, 2) }, { a.part(0, 4, 3, 3) }, { a.`as`(7, 3) })) {
                withClue(bad) { shouldThrow<IllegalArgumentException> { bad() } }
            }
        }
    })
