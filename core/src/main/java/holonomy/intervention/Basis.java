package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.geometry.Centring;
import holonomy.geometry.Subspace;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.WeightGroup;
import holonomy.task.Stream;
import java.util.List;
import java.util.Optional;

/** Directions of weight space that an intervention refers to, as a value: what fixes them, not the numbers. */
public sealed interface Basis permits Basis.Path, Basis.Random, Renewed {
    /** The numbers that a basis stands for. */
    interface Source {
        /**
         * The orthonormal directions in weight space [P].
         *
         * @throws UserError if the basis is not built yet
         */
        Subspace of(Basis basis, Layout layout);

        /** Knows random bases only: the rest needs a store. */
        Source RANDOM_ONLY = (basis, layout) -> {
            if (basis instanceof Random random) {
                return random.subspace(layout);
            }
            throw new UserError("intervention: the basis '" + basis.label()
                    + "' is taken from a stored run; train it through a store (holonomy.run.Runner)");
        };
    }

    /** The blocks that hold the directions; empty for all of theta. */
    Optional<WeightGroup> group();

    /** The run that must be finished first. */
    Optional<String> run();

    /** A few words for people. */
    String label();

    ObjectNode spec();

    /**
     * Makes sure that there are such directions in a model of these blocks, on a task of these groups of targets; nothing by default.
     *
     * @throws UserError otherwise
     */
    default void requireMeaning(Layout layout, List<String> groups) {}

    /**
     * The top principal directions of the path of each block of a group, embedded in theta: k per block (arXiv 2602.16746, execution
     * basis: k = 2, centred). Each points to the side of the path's last snapshot that counts.
     *
     * @param source id of the run whose path it is
     * @param blocks the group
     * @param snapshots number of snapshots that the run keeps of it
     * @param directions k
     * @param until last step that counts; 0 for the whole path
     * @param centring what is taken away from the snapshots; {@link Centring#ROW_NORMALISED} gives each block's backbone
     */
    record Path(String source, WeightGroup blocks, int snapshots, int directions, long until, Centring centring)
            implements Basis {
        /** Of the centred path. */
        public Path(String source, WeightGroup blocks, int snapshots, int directions, long until) {
            this(source, blocks, snapshots, directions, until, Centring.CENTRED);
        }

        /** The backbone of each block: its first direction, row-normalised and uncentred from the start (arXiv 2602.23696). */
        public static Path backbone(String source, WeightGroup blocks, int snapshots, long until) {
            return new Path(source, blocks, snapshots, 1, until, Centring.ROW_NORMALISED);
        }

        public Path {
            if (directions < 1 || until < 0) {
                throw new UserError(
                        "basis of a path: expected at least 1 direction per block and a last step of at least 0, found "
                                + directions + " and " + until);
            }
        }

        @Override
        public Optional<WeightGroup> group() {
            return Optional.of(blocks);
        }

        @Override
        public Optional<String> run() {
            return Optional.of(source);
        }

        @Override
        public String label() {
            String which = centring == Centring.CENTRED ? "" : ", " + centring.label() + ",";
            return directions + " directions per block" + which + " of the path of run "
                    + source.substring(0, Math.min(12, source.length())) + (until > 0 ? " up to step " + until : "");
        }

        @Override
        public ObjectNode spec() {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            node.put("kind", "path")
                    .put("run", source)
                    .put("group", blocks.name())
                    .put("snapshots", snapshots);
            node.put("directions", directions).put("until", until);
            return centring == Centring.CENTRED ? node : node.put("centring", centring.name());
        }
    }

    /**
     * Uniformly random directions: k in each block of a group, or k in all of theta.
     *
     * @param group the blocks; empty for the ambient space
     * @param directions k, per block or in all
     * @param seed of the draw
     */
    record Random(Optional<WeightGroup> group, int directions, long seed) implements Basis {
        public Random {
            if (directions < 1) {
                throw new UserError("random basis: expected at least 1 direction, found " + directions);
            }
        }

        Subspace subspace(Layout layout) {
            Stream stream = Stream.of(seed, "random basis");
            if (group.isEmpty()) {
                return Subspace.random(layout.size(), directions, stream.at(0));
            }
            List<Subspace> parts = layout.group(group.get()).stream()
                    .map(block -> inside(block, layout, stream))
                    .toList();
            return Subspace.sum(parts);
        }

        private Subspace inside(Block block, Layout layout, Stream stream) {
            return Subspace.random(block.size(), directions, stream.at(block.offset()))
                    .embedded(block.offset(), layout.size());
        }

        @Override
        public Optional<String> run() {
            return Optional.empty();
        }

        @Override
        public String label() {
            return directions + " random directions" + (group.isPresent() ? " per block" : "");
        }

        @Override
        public ObjectNode spec() {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            node.put("kind", "random").put("directions", directions).put("seed", seed);
            group.ifPresent(blocks -> node.put("group", blocks.name()));
            return node;
        }
    }

    /** The basis whose {@link #spec()} this is. */
    static Basis fromSpec(Fields fields) {
        int directions = fields.whole("directions");
        return switch (fields.text("kind")) {
            case "path" ->
                new Path(
                        fields.text("run"),
                        fields.oneOf("group", WeightGroup.class),
                        fields.whole("snapshots"),
                        directions,
                        fields.wide("until"),
                        fields.has("centring") ? fields.oneOf("centring", Centring.class) : Centring.CENTRED);
            case "random" ->
                new Random(
                        fields.has("group") ? Optional.of(fields.oneOf("group", WeightGroup.class)) : Optional.empty(),
                        directions,
                        fields.wide("seed"));
            case "renewed" -> Renewed.fromSpec(fields);
            default ->
                throw new UserError(fields.place() + ": basis of kind '" + fields.text("kind") + "'"
                        + " is unknown to this version of Holonomy; known: path, random, renewed");
        };
    }
}
