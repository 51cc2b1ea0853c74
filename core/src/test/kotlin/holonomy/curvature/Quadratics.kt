package holonomy.curvature

import holonomy.geometry.Orthonormal
import holonomy.geometry.SymmetricMatrix
import holonomy.model.Block
import holonomy.model.Initial
import holonomy.model.Role
import java.util.random.RandomGenerator

fun gaussian(size: Int, random: RandomGenerator) = DoubleArray(size) { random.nextGaussian() }

/** Columns of a rotation of R^d, as rows [d][d]. */
fun rotation(size: Int, random: RandomGenerator): List<DoubleArray> =
    Orthonormal.of(Array(size) { gaussian(size, random) })

/** The matrix with these eigenvalues and eigenvectors. */
fun matrixOf(values: DoubleArray, vectors: List<DoubleArray>): SymmetricMatrix =
    SymmetricMatrix.of(values.size) { i, j -> values.indices.sumOf { k -> values[k] * vectors[k][i] * vectors[k][j] } }

/** An operator that counts its products. */
class Counted(private val inner: SymmetricOperator) : SymmetricOperator {
    var products = 0

    override fun dimension() = inner.dimension()

    override fun times(v: DoubleArray): DoubleArray {
        products++
        return inner.times(v)
    }
}

/** A block of so many weights. */
fun block(offset: Int, size: Int) =
    Block(Role.HEAD, -1, size, 1, offset, Initial(Initial.Kind.NORMAL, .1), "head", true)
