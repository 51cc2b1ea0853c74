package holonomy.geometry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An orthonormal basis B, [P, k] by columns, of a k-dimensional subspace of weight space.
 *
 * <p>A direction is stored only where its block lies: {@link #embedded} puts a block's subspace into the flat parameter vector and {@link #sum} joins
 * those of several blocks, without P x k memory. Immutable.
 */
public final class Subspace {
    private final int dimension;
    private final List<Direction> directions;

    private Subspace(int dimension, List<Direction> directions) {
        this.dimension = dimension;
        this.directions = List.copyOf(directions);
    }

    /**
     * The top principal directions of a block's path. k is less than {@code count} where the path has fewer: n centred snapshots span at
     * most n - 1. Each direction points to the last snapshot's side.
     *
     * @param gram the block's Gram matrix; only its snapshots count, which must be the trajectory's first ones
     */
    public static Subspace principal(Trajectory trajectory, Gram gram, Centring centring, int count) {
        requireCount(count);
        return dense(Math.toIntExact(gram.dimension()), PrincipalDirections.of(trajectory, gram, centring, count));
    }

    /** The top principal directions of a block's whole centred path. */
    public static Subspace principal(Trajectory trajectory, String block, int count) {
        return principal(trajectory, Gram.of(trajectory, block), Centring.CENTRED, count);
    }

    /**
     * The span of explicit vectors, by modified Gram-Schmidt swept twice; vectors that depend on earlier ones add nothing to k.
     *
     * @param vectors [k, P], at least one. Not modified.
     */
    public static Subspace spannedBy(double[][] vectors) {
        if (vectors.length == 0) {
            throw new IllegalArgumentException("subspace: no vector given, expected at least one");
        }
        double[][] copy = new double[vectors.length][];
        Arrays.setAll(copy, i -> vectors[i].clone());
        for (double[] vector : copy) {
            requireSize(vector.length, copy[0].length);
        }
        return dense(copy[0].length, Orthonormal.of(copy));
    }

    /** A subspace of uniformly random orientation: the span of {@code count} standard normal vectors. */
    public static Subspace random(int dimension, int count, RandomGenerator random) {
        requireCount(count);
        if (count > dimension) {
            throw new IllegalArgumentException(
                    "a random subspace of dimension " + count + " does not fit into " + dimension + " dimensions");
        }
        double[][] vectors = new double[count][dimension];
        for (double[] vector : vectors) {
            Arrays.setAll(vector, d -> random.nextGaussian());
        }
        return dense(dimension, Orthonormal.of(vectors));
    }

    /**
     * The same subspace inside a longer vector, its weight 0 standing at {@code offset}.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public Subspace embedded(int offset, int into) {
        if (offset < 0 || (long) offset + dimension > into) {
            throw new IllegalArgumentException("a subspace of " + dimension + " weights does not fit at offset "
                    + offset + " into " + into + " weights");
        }
        return new Subspace(into, directions.stream().map(d -> d.moved(offset)).toList());
    }

    /**
     * The direct sum of subspaces that live in different blocks of one vector; k adds up.
     *
     * @throws IllegalArgumentException if there is none, their P differ, or two of them share weights
     */
    public static Subspace sum(List<Subspace> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("sum of subspaces: none given, expected at least one");
        }
        List<Direction> all = new ArrayList<>();
        for (Subspace part : parts) {
            requireSize(part.dimension, parts.get(0).dimension);
            for (Direction direction : part.directions) {
                if (all.stream().anyMatch(direction::overlaps)) {
                    throw new IllegalArgumentException("sum of subspaces: two share weights near " + direction.offset()
                            + "; embed each in its own block, or use spannedBy");
                }
            }
            all.addAll(part.directions);
        }
        return new Subspace(parts.get(0).dimension, all);
    }

    /** Number of weights P. */
    public int dimension() {
        return dimension;
    }

    /** Number of directions k. */
    public int size() {
        return directions.size();
    }

    /** B as rows [k][P], a dense copy. */
    public double[][] basis() {
        return directions.stream().map(d -> d.dense(dimension)).toArray(double[][]::new);
    }

    /** B'v, [k]; in v's unit. */
    public double[] coordinates(double[] v) {
        requireSize(v.length, dimension);
        return directions.stream().mapToDouble(d -> d.dot(v)).toArray();
    }

    /** B'v, [k], of a float32 vector, accumulated in float64. */
    public double[] coordinates(float[] v) {
        requireSize(v.length, dimension);
        return directions.stream().mapToDouble(d -> d.dot(v)).toArray();
    }

    /** B B'v, [P]. */
    public double[] project(double[] v) {
        return combine(new double[dimension], coordinates(v), 1);
    }

    /** v - B B'v, [P]. */
    public double[] residual(double[] v) {
        return combine(v.clone(), coordinates(v), -1);
    }

    /** |v - B B'v|, in v's unit; from the residual itself, so right also where it is small. */
    public double residualNorm(double[] v) {
        return Orthonormal.norm(residual(v));
    }

    /** |B'v|^2 / |v|^2, in 0 .. 1, dimensionless; NaN for v = 0. */
    public double energyShare(double[] v) {
        return squares(coordinates(v)) / squares(v);
    }

    /** |B'v|^2 / |v|^2 of a float32 vector. */
    public double energyShare(float[] v) {
        double all = 0;
        for (float x : v) {
            all += (double) x * x;
        }
        return squares(coordinates(v)) / all;
    }

    /** Angles to another subspace of the same weight space. */
    public PrincipalAngles anglesTo(Subspace other) {
        requireSize(other.dimension, dimension);
        return PrincipalAngles.between(this, other);
    }

    List<Direction> directions() {
        return directions;
    }

    /** v += sign B c. Modifies and returns {@code v}. */
    private double[] combine(double[] v, double[] coordinates, int sign) {
        for (int k = 0; k < coordinates.length; k++) {
            directions.get(k).addTo(v, sign * coordinates[k], 0);
        }
        return v;
    }

    private static double squares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }

    private static Subspace dense(int dimension, List<double[]> basis) {
        return new Subspace(
                dimension, basis.stream().map(v -> new Direction(0, v)).toList());
    }

    private static void requireCount(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("number of directions is " + count + ", expected at least 0");
        }
    }

    private static void requireSize(int found, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException("vector has " + found + " weights, the subspace " + expected);
        }
    }
}
