package holonomy.probe;

import holonomy.data.Tensor;
import holonomy.data.UserError;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A sparse autoencoder of activations x [d], with h latents:
 *
 * <pre>
 *   relu   z = max(0, W_enc s x + b_enc)
 *   topk   z = the k largest of W_enc (s x - b_dec) + b_enc
 *   x^ = (W_dec z + b_dec) / s
 * </pre>
 *
 * <p>s scales activations to mean norm sqrt(d). Nothing is modified after it is made. Arrays are shared, not copied.
 *
 * @param width d
 * @param latents h
 * @param k latents kept per row; 0 for the relu form
 * @param scale s, dimensionless
 * @param encoder W_enc [h, d], row by row
 * @param encoderBias b_enc [h]
 * @param directions W_dec transposed [h, d]: row j is latent j's direction, of norm 1 after training
 * @param outputBias b_dec [d]
 */
public record SparseProbe(
        int width,
        int latents,
        int k,
        float scale,
        float[] encoder,
        float[] encoderBias,
        float[] directions,
        float[] outputBias) {
    public SparseProbe {
        if (k > latents) {
            new Sparsity.TopK(k).check(latents);
        }
        check("encoder", encoder, latents * width);
        check("encoder bias", encoderBias, latents);
        check("decoder", directions, latents * width);
        check("output bias", outputBias, width);
    }

    private static void check(String what, float[] values, int expected) {
        if (values.length != expected) {
            throw new IllegalArgumentException(
                    "sparse probe: " + what + ": expected " + expected + " numbers, found " + values.length);
        }
    }

    /**
     * The codes of rows.
     *
     * @param rows [n, d]. Not modified.
     */
    public Codes encode(float[] rows) {
        try (Products products = new Products()) {
            return encode(rows, products);
        }
    }

    Codes encode(float[] rows, Products products) {
        return encodeScaled(scaled(rows), products);
    }

    /** The codes of rows that are scaled already. */
    Codes encodeScaled(float[] scaled, Products products) {
        int n = scaled.length / width;
        float[] before = products.timesTransposed(k > 0 ? centred(scaled) : scaled, n, encoder, latents, width);
        Codes codes = new Codes(n, k > 0 ? k : latents / 8);
        TopSelection top = new TopSelection(latents);
        for (int row = 0; row < n; row++) {
            int from = row * latents;
            for (int j = 0; j < latents; j++) {
                before[from + j] += encoderBias[j];
            }
            if (k > 0) {
                top.select(before, from, k, codes);
            } else {
                for (int j = 0; j < latents; j++) {
                    if (before[from + j] > 0) {
                        codes.add(j, before[from + j]);
                    }
                }
            }
            codes.endRow();
        }
        return codes;
    }

    /** s x. */
    float[] scaled(float[] rows) {
        if (rows.length % width != 0) {
            throw new IllegalArgumentException(
                    "sparse probe of width " + width + ": expected whole rows, found " + rows.length + " numbers");
        }
        float[] result = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            result[i] = scale * rows[i];
        }
        return result;
    }

    private float[] centred(float[] scaled) {
        float[] result = new float[scaled.length];
        for (int i = 0; i < scaled.length; i++) {
            result[i] = scaled[i] - outputBias[i % width];
        }
        return result;
    }

    /** x^ [n, d] of codes. */
    public float[] decode(Codes codes) {
        return decode(codes, new boolean[latents]);
    }

    /** x^ [n, d] of codes with some latents set to zero. */
    public float[] decode(Codes codes, boolean[] dropped) {
        float[] result = new float[codes.rows() * width];
        for (int row = 0; row < codes.rows(); row++) {
            System.arraycopy(outputBias, 0, result, row * width, width);
            for (int entry = codes.start(row); entry < codes.end(row); entry++) {
                if (!dropped[codes.latent(entry)]) {
                    addDirection(codes.latent(entry), codes.value(entry), result, row * width);
                }
            }
        }
        for (int i = 0; i < result.length; i++) {
            result[i] /= scale;
        }
        return result;
    }

    /** Adds {@code factor} times a latent's direction. Modified: into. */
    void addDirection(int latent, float factor, float[] into, int at) {
        int from = latent * width;
        for (int i = 0; i < width; i++) {
            into[at + i] += factor * directions[from + i];
        }
    }

    /** The probe as tensors, for a file. */
    public SortedMap<String, Tensor> tensors() {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        tensors.put("W_enc", new Tensor.F32(new long[] {latents, width}, encoder));
        tensors.put("b_enc", Tensor.of(encoderBias));
        tensors.put("W_dec", new Tensor.F32(new long[] {width, latents}, transposed(directions, latents, width)));
        tensors.put("b_dec", Tensor.of(outputBias));
        tensors.put("scale", Tensor.of(scale));
        tensors.put("k", Tensor.of((long) k));
        return tensors;
    }

    /** The probe of {@link #tensors}. */
    public static SparseProbe of(Map<String, Tensor> tensors) {
        Tensor.F32 encoder = (Tensor.F32) named(tensors, "W_enc");
        int latents = (int) encoder.shape()[0];
        int width = (int) encoder.shape()[1];
        return new SparseProbe(
                width,
                latents,
                (int) ((Tensor.I64) named(tensors, "k")).values()[0],
                ((Tensor.F32) named(tensors, "scale")).values()[0],
                encoder.values(),
                ((Tensor.F32) named(tensors, "b_enc")).values(),
                transposed(((Tensor.F32) named(tensors, "W_dec")).values(), width, latents),
                ((Tensor.F32) named(tensors, "b_dec")).values());
    }

    private static Tensor named(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new UserError("sparse probe: the file has no tensor '" + name + "'; it has "
                    + String.join(", ", tensors.keySet()));
        }
        return tensor;
    }

    /** [rows, columns] to [columns, rows]. */
    public static float[] transposed(float[] values, int rows, int columns) {
        float[] result = new float[values.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                result[c * rows + r] = values[r * columns + c];
            }
        }
        return result;
    }
}
