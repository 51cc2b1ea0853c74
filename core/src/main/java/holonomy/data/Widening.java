package holonomy.data;

import java.nio.ByteBuffer;

/** Stored floating-point numbers as float32. */
final class Widening {
    private static final int HALF_BIAS = 15;
    private static final int HALF_FRACTION_BITS = 10;
    private static final float HALF_SMALLEST = 0x1p-24f;

    private Widening() {}

    /** Converts the {@code count} numbers of a little-endian buffer into {@code into[at ..]}. {@code into} is modified. */
    static void toFloat(
            SafeTensorsFile file, SafeTensorsHeader.Entry entry, ByteBuffer from, float[] into, int at, int count) {
        switch (entry.dtype()) {
            case F32 -> from.asFloatBuffer().get(into, at, count);
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = (float) from.getDouble();
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = Float.intBitsToFloat(from.getShort() << 16);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = half(from.getShort());
                }
            }
            default -> throw file.unreadable(entry);
        }
    }

    /** (-1)^s 2^(e-15) (1 + f/1024); for e = 0 (-1)^s 2^-24 f; for e = 31 infinity or NaN. */
    static float half(short bits) {
        int exponent = (bits >> HALF_FRACTION_BITS) & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0) {
            magnitude = fraction * HALF_SMALLEST;
        } else if (exponent == 31) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else {
            magnitude = Float.intBitsToFloat((exponent - HALF_BIAS + 127) << 23 | fraction << 13);
        }
        return bits < 0 ? -magnitude : magnitude;
    }
}
