package holonomy.data;

/** The number types of the safetensors format. The lab writes {@link #F32}, {@link #F64} and {@link #I64}; it knows the others by width. */
public enum Dtype {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    F64(8),
    I64(8),
    U64(8);

    private final int width;

    Dtype(int width) {
        this.width = width;
    }

    /** Bytes of one number. */
    public int width() {
        return width;
    }
}
