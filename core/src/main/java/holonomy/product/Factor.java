package holonomy.product;

/** What a product is made of: a matrix, or a matrix read by columns. */
public sealed interface Factor permits Matrix, Matrix.Transposed {
    int rows();

    int columns();

    /** The matrix whose memory is read. */
    Matrix matrix();

    boolean isTransposed();
}
