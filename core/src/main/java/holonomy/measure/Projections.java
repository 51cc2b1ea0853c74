package holonomy.measure;

import holonomy.geometry.BlockMatchedNull;
import holonomy.geometry.NullEnergy;
import holonomy.geometry.ProjectionNull;
import holonomy.geometry.Subspace;
import holonomy.model.Block;
import holonomy.model.Model;
import holonomy.model.Role;
import java.util.HashMap;
import java.util.Map;

/** Projects vectors onto bases and writes them beside both nulls, which depend on the numbers of directions only. */
final class Projections {
    private final Map<String, Subspace> bases;
    private final BlockMatchedNull matched;
    private final Model model;
    private final CommutatorRows rows;
    private final Map<Integer, NullEnergy> isotropic = new HashMap<>();

    /** @param matched the null of k directions in every block, as all bases have them */
    Projections(Map<String, Subspace> bases, BlockMatchedNull matched, Model model, CommutatorRows rows) {
        this.bases = bases;
        this.matched = matched;
        this.model = model;
        this.rows = rows;
    }

    /** Writes |B'v|/|v| in every basis. */
    void write(CommutatorRows.Label label, String name, double[] v, CommutatorSession.Gradients gradients) {
        NullEnergy block = matched.energy(v);
        long zero = zeroGradient(gradients);
        bases.forEach((basis, subspace) -> rows.projection(
                label,
                name,
                basis,
                subspace.size(),
                Vectors.norm(v),
                subspace.energyShare(v),
                isotropic.computeIfAbsent(subspace.size(), k -> new ProjectionNull(k, subspace.dimension()).energy()),
                block,
                zero));
    }

    /**
     * Weights without any gradient on either batch; the key bias by the softmax's shift invariance, whatever rounding leaves there, unless keys are rotated:
     * then it isn't the same at every key.
     */
    private long zeroGradient(CommutatorSession.Gradients gradients) {
        long count = 0;
        for (Block block : model.layout().blocks()) {
            if (block.role() == Role.KEY_BIAS && !model.rotatesKeys()) {
                count += block.size();
                continue;
            }
            for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                count += gradients.a[i] == 0 && gradients.b[i] == 0 ? 1 : 0;
            }
        }
        return count;
    }
}
