package holonomy.probe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** L-BFGS with 10 pairs and backtracking (Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 3.1), from zero. */
final class QuasiNewton {
    private static final int PAIRS = 10;
    private static final double FLAT = 1e-5;
    private static final double SUFFICIENT = 1e-4;
    private static final int HALVINGS = 30;

    private QuasiNewton() {}

    /** A function and its gradient. */
    interface Objective {
        /** The value at theta. Modified: gradient. */
        double at(float[] theta, float[] gradient);
    }

    /** theta_{k+1} - theta_k, g_{k+1} - g_k, and 1 / their product. */
    private record Pair(double[] step, double[] change, double inverse) {}

    /** The minimum, to a largest gradient entry of 1e-5 or the rounding of float32. */
    static float[] minimise(int size, int iterations, Objective objective) {
        float[] theta = new float[size];
        float[] gradient = new float[size];
        double value = objective.at(theta, gradient);
        Deque<Pair> pairs = new ArrayDeque<>();
        for (int k = 0; k < iterations && largest(gradient) > FLAT; k++) {
            double[] direction = direction(gradient, pairs);
            double slope = 0;
            for (int i = 0; i < size; i++) {
                slope += direction[i] * gradient[i];
            }
            float[] next = new float[size];
            float[] nextGradient = new float[size];
            double length = pairs.isEmpty() ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
            double nextValue = Double.POSITIVE_INFINITY;
            int halvings = 0;
            while (halvings++ < HALVINGS && !(nextValue <= value + SUFFICIENT * length * slope)) {
                for (int i = 0; i < size; i++) {
                    next[i] = (float) (theta[i] + length * direction[i]);
                }
                nextValue = objective.at(next, nextGradient);
                length /= 2;
            }
            if (!(nextValue < value)) {
                break; // float32 sees no descent any more
            }
            remember(pairs, theta, next, gradient, nextGradient);
            theta = next;
            gradient = nextGradient;
            value = nextValue;
        }
        return theta;
    }

    private static double[] direction(float[] gradient, Deque<Pair> pairs) {
        double[] q = new double[gradient.length];
        for (int i = 0; i < q.length; i++) {
            q[i] = -gradient[i];
        }
        double[] alphas = new double[pairs.size()];
        int index = 0;
        for (Pair pair : pairs) {
            alphas[index] = pair.inverse() * dot(pair.step(), q);
            add(q, -alphas[index++], pair.change());
        }
        if (!pairs.isEmpty()) {
            Pair latest = pairs.peekFirst();
            double scale = 1 / (latest.inverse() * dot(latest.change(), latest.change()));
            for (int i = 0; i < q.length; i++) {
                q[i] *= scale;
            }
        }
        for (Iterator<Pair> oldest = pairs.descendingIterator(); oldest.hasNext(); ) {
            Pair pair = oldest.next();
            add(q, alphas[--index] - pair.inverse() * dot(pair.change(), q), pair.step());
        }
        return q;
    }

    /** Newest first; a pair without curvature is left out. Modified: pairs. */
    private static void remember(
            Deque<Pair> pairs, float[] theta, float[] next, float[] gradient, float[] nextGradient) {
        double[] step = new double[theta.length];
        double[] change = new double[theta.length];
        for (int i = 0; i < step.length; i++) {
            step[i] = (double) next[i] - theta[i];
            change[i] = (double) nextGradient[i] - gradient[i];
        }
        double curvature = dot(step, change);
        if (curvature > 1e-12 * dot(change, change)) {
            pairs.addFirst(new Pair(step, change, 1 / curvature));
            if (pairs.size() > PAIRS) {
                pairs.removeLast();
            }
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] into, double factor, double[] values) {
        for (int i = 0; i < into.length; i++) {
            into[i] += factor * values[i];
        }
    }
}
