package holonomy.train;

import holonomy.model.Block;
import holonomy.model.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * Which weights of theta [P] decay.
 *
 * @param spans in the order of theta, from 0 to P without a gap
 */
public record Decaying(List<Span> spans) {
    /** Weights {@code from .. to - 1}, which all decay or all don't. */
    public record Span(int from, int to, boolean decays) {}

    /** As the blocks of a layout say. */
    public static Decaying of(Layout layout) {
        List<Span> spans = new ArrayList<>();
        for (Block block : layout.blocks()) {
            int last = spans.size() - 1;
            int end = block.offset() + block.size();
            if (last >= 0 && spans.get(last).decays() == block.decays()) {
                spans.set(last, new Span(spans.get(last).from(), end, block.decays()));
            } else {
                spans.add(new Span(block.offset(), end, block.decays()));
            }
        }
        return new Decaying(List.copyOf(spans));
    }

    /** All of P weights. */
    public static Decaying all(int parameters) {
        return new Decaying(List.of(new Span(0, parameters, true)));
    }

    /** P. */
    public int parameters() {
        return spans.get(spans.size() - 1).to();
    }
}
