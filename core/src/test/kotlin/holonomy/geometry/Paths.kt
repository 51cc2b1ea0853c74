package holonomy.geometry

import java.util.Random
import kotlin.math.abs
import kotlin.math.max

/** A Gaussian random walk with equal expected step lengths: [snapshots] x [dimension]. */
fun randomWalk(snapshots: Int, dimension: Int, seed: Long, step: (Int) -> Double = { 1.0 }): Array<FloatArray> {
    val random = Random(seed)
    val position = DoubleArray(dimension) { random.nextGaussian() }
    return Array(snapshots) { i ->
        if (i > 0) for (d in position.indices) position[d] += step(i) * random.nextGaussian()
        FloatArray(dimension) { position[it].toFloat() }
    }
}

/** The Gram matrix of one block with these snapshots. */
fun gramOf(snapshots: Array<FloatArray>): Gram = Gram.of(ArrayTrajectory.of("W", snapshots), "W")

/** max|a - b| / max(|b|), 0 when both are zero. */
fun relativeDistance(a: DoubleArray, b: DoubleArray): Double {
    require(a.size == b.size) { "sizes differ: ${a.size} and ${b.size}" }
    val scale = b.fold(0.0) { m, x -> max(m, abs(x)) }
    val distance = a.indices.fold(0.0) { m, i -> max(m, abs(a[i] - b[i])) }
    return if (distance == 0.0) 0.0 else distance / scale
}

/** A random symmetric matrix with standard normal entries. */
fun randomSymmetric(size: Int, seed: Long): SymmetricMatrix {
    val random = Random(seed)
    return SymmetricMatrix.of(size) { _, _ -> random.nextGaussian() }
}
