package holonomy.curvature;

import holonomy.model.Block;
import java.util.List;

/**
 * Some blocks of a weight vector [P], taken together as a vector [d] of their own, d the sum of their sizes.
 *
 * @param blocks in the order in which they follow each other there
 */
public record Part(List<Block> blocks) {
    public Part {
        blocks = List.copyOf(blocks);
    }

    /** d. */
    public int size() {
        return blocks.stream().mapToInt(Block::size).sum();
    }

    /** The part of a vector [P], a new vector [d]. */
    public double[] of(double[] whole) {
        double[] part = new double[size()];
        int at = 0;
        for (Block block : blocks) {
            System.arraycopy(whole, block.offset(), part, at, block.size());
            at += block.size();
        }
        return part;
    }

    /** The vector [P] that has these values [d] in the part and 0 elsewhere. */
    public double[] in(int dimension, double[] values) {
        double[] whole = new double[dimension];
        int at = 0;
        for (Block block : blocks) {
            System.arraycopy(values, at, whole, block.offset(), block.size());
            at += block.size();
        }
        return whole;
    }
}
