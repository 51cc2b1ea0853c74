package holonomy.probe;

import java.util.Arrays;

/** Selects the k largest of h numbers, ties by lower index. Keeps scratch memory; not thread-safe. */
final class TopSelection {
    private final float[] scratch;

    TopSelection(int count) {
        scratch = new float[count];
    }

    /** Adds the k largest of {@code values[from .. from + h - 1]} to the open row of codes, by ascending index. */
    void select(float[] values, int from, int k, Codes codes) {
        int h = scratch.length;
        System.arraycopy(values, from, scratch, 0, h);
        float least = k < h ? largest(k) : Float.NEGATIVE_INFINITY;
        int above = 0;
        for (int j = 0; j < h; j++) {
            if (values[from + j] > least) {
                above++;
            }
        }
        int ties = k - above;
        for (int j = 0; j < h; j++) {
            float value = values[from + j];
            if (value > least || (value == least && ties-- > 0)) {
                codes.add(j, value);
            }
        }
    }

    /** The k-th largest number of the scratch memory, by Hoare's selection. Modified: scratch. */
    private float largest(int k) {
        int target = scratch.length - k;
        int low = 0;
        int high = scratch.length - 1;
        while (low < high) {
            if (high - low < 8) {
                Arrays.sort(scratch, low, high + 1);
                break;
            }
            float pivot = scratch[(low + high) >>> 1];
            int i = low;
            int j = high;
            while (i <= j) {
                while (scratch[i] < pivot) {
                    i++;
                }
                while (scratch[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    float swapped = scratch[i];
                    scratch[i++] = scratch[j];
                    scratch[j--] = swapped;
                }
            }
            if (target <= j) {
                high = j;
            } else if (target >= i) {
                low = i;
            } else {
                break;
            }
        }
        return scratch[target];
    }
}
