package holonomy.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.measure.SetColumn;
import holonomy.model.Network;
import holonomy.model.Site;
import holonomy.probe.Ablation.Form;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * What is ablated, and on how many sequences.
 *
 * @param chosen latents ablated in the main comparison; 6 as published
 * @param counts further numbers of latents, for the curve
 * @param draws random sets per number of latents
 * @param sequences held-out sequences per m
 */
public record AblationPlan(int chosen, List<Integer> counts, int draws, int sequences) {
    /** Names of the edits, as the table has them. */
    public static final String NONE = "none";

    public static final String RECONSTRUCTION = "reconstruction only";
    public static final String VARIABLE = "largest variance";
    public static final String CORRELATED = "most correlated with m";
    public static final String RANDOM_VARIABLE = "random, firing as largest variance";
    public static final String RANDOM_CORRELATED = "random, firing as most correlated";
    public static final String ALL = "all latents";

    public static final Table.Column EDIT = Table.text("edit");
    public static final Table.Column FORM = Table.text("form");
    public static final Table.Column LATENTS = Table.whole("latents");
    public static final Table.Column FIRING = Table.quantity("firing");
    public static final Table.Column ACCURACY = Table.quantity("accuracy");
    public static final Table.Column LOSS = Table.quantity("loss");
    public static final Table.Column CHANGED = Table.quantity("changed");
    public static final Table.Column ABLE = Table.quantity("able");
    public static final Table.Column MAJORITY = Table.quantity("majority");

    public AblationPlan {
        counts = List.copyOf(counts);
        if (chosen < 1 || draws < 1 || sequences < 1 || counts.stream().anyMatch(count -> count < 1)) {
            throw new UserError("ablation: expected at least 1 latent, 1 random set and 1 sequence, found " + chosen
                    + " and " + counts + ", " + draws + " and " + sequences);
        }
    }

    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("chosen", chosen).put("draws", draws).put("sequences", sequences);
        counts.forEach(node.putArray("counts")::add);
        return node;
    }

    private record Edit(String name, int[] latents, Form form, int draw) {}

    /**
     * The table: columns m or set, edit, form, latents (how many), draw, firing (mean firing rate of the set), accuracy, loss (nats), changed, able, majority.
     */
    Table measure(
            Network network,
            float[] theta,
            SparseProbe probe,
            LatentSets sets,
            RunSpec spec,
            Site site,
            Places places,
            LongConsumer advanced) {
        List<EvaluationSet.Drawn> tested = EvaluationSet.drawn(spec.task());
        SetColumn column = SetColumn.of(tested);
        Table.Builder table = Table.builder(columns(column.column()));
        List<Edit> edits = edits(sets, Stream.of(spec.dataSeed(), "sparse probe random latents"));
        double[] means = sets.means();
        for (EvaluationSet.Drawn set : tested) {
            Object of = column.of(set);
            double majority = set.majorityShare();
            Batch batch = set.sample(Stream.of(spec.dataSeed(), "sparse probe ablation"), sequences);
            Ablation ablation = new Ablation(network, theta, probe, means, site, places, batch);
            row(table, of, new Edit(NONE, new int[0], Form.KEEP_ERROR, 0), ablation.none(), sets, ablation, majority);
            for (Edit edit : edits) {
                row(table, of, edit, ablation.of(edit.latents(), edit.form()), sets, ablation, majority);
                advanced.accept(0);
            }
        }
        return table.build();
    }

    private static List<Table.Column> columns(Table.Column set) {
        return List.of(set, EDIT, FORM, LATENTS, Table.whole("draw"), FIRING, ACCURACY, LOSS, CHANGED, ABLE, MAJORITY);
    }

    private static void row(
            Table.Builder table,
            Object of,
            Edit edit,
            Ablation.Effect effect,
            LatentSets sets,
            Ablation ablation,
            double majority) {
        table.row(
                of,
                edit.name(),
                edit.form().name(),
                edit.latents().length,
                edit.draw(),
                sets.meanFiring(edit.latents()),
                effect.accuracy(),
                effect.loss(),
                effect.changed(),
                ablation.able(),
                majority);
    }

    private List<Edit> edits(LatentSets sets, Stream random) {
        List<Edit> edits = new ArrayList<>();
        edits.add(new Edit(RECONSTRUCTION, new int[0], Form.DROP_ERROR, 0));
        int[] variable = sets.mostVariable(chosen);
        edits.add(new Edit(VARIABLE, variable, Form.DROP_ERROR, 0));
        edits.add(new Edit(VARIABLE, variable, Form.MEAN, 0));
        int[] correlated = sets.mostCorrelated(Attribute.MARKERS, chosen);
        if (correlated.length > 0) {
            edits.add(new Edit(CORRELATED, correlated, Form.KEEP_ERROR, 0));
            addRandom(edits, RANDOM_CORRELATED, correlated, sets, random.at(0));
        }
        TreeSet<Integer> all = new TreeSet<>(counts);
        all.add(chosen);
        for (int count : all) {
            int[] set = sets.mostVariable(count);
            edits.add(new Edit(VARIABLE, set, Form.KEEP_ERROR, 0));
            addRandom(edits, RANDOM_VARIABLE, set, sets, random.at(count));
        }
        edits.add(new Edit(ALL, sets.all(), Form.KEEP_ERROR, 0));
        edits.add(new Edit(ALL, sets.all(), Form.MEAN, 0));
        return edits;
    }

    private void addRandom(List<Edit> edits, String name, int[] like, LatentSets sets, RandomSequence random) {
        IntStream.range(0, draws)
                .mapToObj(draw -> new Edit(name, sets.randomLike(like, random), Form.KEEP_ERROR, draw))
                .filter(edit -> edit.latents().length > 0)
                .forEach(edits::add);
    }
}
