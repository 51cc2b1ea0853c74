package holonomy.model.fused;

/** One layer's norm, attention and residual sum. */
sealed interface AttentionBlock extends AutoCloseable permits Attention, LastAttention {
    /**
     * Adds the block's output to the residual stream.
     *
     * @param x residual stream [d][columns]; in the first layer of several [d][pairs], a column per {@link Pairs}
     * @param target the stream at the columns that the block computes. Modified.
     */
    void forward(float[][] x, float[] theta, float[][] target);

    /**
     * The derivative with respect to x and to the layer's weights.
     *
     * @param dtarget derivative with respect to {@code target} of the forward pass
     * @param dx as x; receives, added, the part that went through the block. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient);

    @Override
    void close();
}
