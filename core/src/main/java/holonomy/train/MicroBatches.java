package holonomy.train;

import holonomy.task.Batch;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Equal parts of a batch whose gradients are computed one after the other and averaged: memory for one part is enough.
 *
 * @param count how many; 1 for the batch as it is
 * @param ownMeans whether a group's mean cross-entropy is that of each part, 0 where it has no target of the group, as published codes have it: then a target
 *     weighs more in a part that has few. Otherwise it is the whole batch's, and the number of parts changes nothing but memory.
 */
public record MicroBatches(int count, boolean ownMeans) {
    public MicroBatches {
        ownMeans &= count > 1; // one part's means are the batch's
    }

    /** The batch as it is. */
    public static final MicroBatches NONE = new MicroBatches(1, false);

    /** The parts, whose mean loss is the loss of a step. */
    public List<Batch> of(Batch batch) {
        int size = batch.size() / count;
        return IntStream.range(0, count)
                .mapToObj(i -> batch.part(i * size, (i + 1) * size))
                .map(part -> ownMeans ? part.weighted(batch.weights()) : part)
                .toList();
    }
}
