package holonomy.model.fused;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** The passes for the numbers of sequences used last, with their memory. */
final class Recent<P extends AutoCloseable> implements AutoCloseable {
    private static final int KEPT = 3;

    private final IntFunction<P> maker;
    /** The one used last at the end. */
    private final Map<Integer, P> passes = new LinkedHashMap<>(8, .75f, true);

    Recent(IntFunction<P> maker) {
        this.maker = maker;
    }

    /** That for so many sequences. */
    P of(int sequences) {
        P pass = passes.get(sequences);
        if (pass == null) {
            pass = maker.apply(sequences);
            passes.put(sequences, pass);
            Iterator<P> oldest = passes.values().iterator();
            if (passes.size() > KEPT) {
                close(oldest.next());
                oldest.remove();
            }
        }
        return pass;
    }

    private static void close(AutoCloseable pass) {
        try {
            pass.close();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() {
        passes.values().forEach(Recent::close);
        passes.clear();
    }
}
