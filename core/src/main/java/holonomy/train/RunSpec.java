package holonomy.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.geometry.Shrinkage;
import holonomy.intervention.Intervention;
import holonomy.model.Block;
import holonomy.model.Model;
import holonomy.model.Weights;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.util.Arrays;
import java.util.Optional;

/**
 * What determines the weights of a run at every step, and nothing else.
 *
 * @param task where the batches come from
 * @param model what is trained
 * @param training the recipe
 * @param initSeed seed of the initial values; of a fork, that of the run it comes from
 * @param dataSeed seed of the batches
 * @param groupSeed blocks whose initial values are another seed's
 * @param start the state of another run to start from, instead of the initial values
 */
public record RunSpec(
        Task task,
        Model model,
        Training training,
        long initSeed,
        long dataSeed,
        Optional<GroupSeed> groupSeed,
        Optional<Fork> start) {
    public RunSpec {
        fits("vocabulary", task.vocabulary(), model.vocabulary());
        fits("length", task.length(), model.length());
        fits("classes", task.classes(), model.classes());
        Objective.require(task, model, training);
        Footprint.requireArrays(model, training);
        for (Intervention each : training.interventions()) {
            each.requireMeaning(model.layout());
            each.bases().forEach(basis -> basis.requireMeaning(model.layout(), task.groups()));
        }
        if (groupSeed.isPresent()
                && model.layout().group(groupSeed.get().group()).isEmpty()) {
            throw new UserError("run: initial values of " + groupSeed.get().label()
                    + ", but the model has no such blocks; leave them out");
        }
    }

    private static void fits(String what, int ofTask, int ofModel) {
        if (ofTask != ofModel) {
            throw new UserError("run: the task's " + what + " is " + ofTask + ", the model's " + ofModel
                    + "; make the model for this task");
        }
    }

    /** From initial values. */
    public RunSpec(Task task, Model model, Training training, long initSeed, long dataSeed) {
        this(task, model, training, initSeed, dataSeed, Optional.empty(), Optional.empty());
    }

    /** Initial values and batches from one seed. */
    public RunSpec(Task task, Model model, Training training, long seed) {
        this(task, model, training, seed, seed);
    }

    /**
     * A run that starts where this one is after some of its steps.
     *
     * @param state whether the optimiser's state and the schedule go on, or begin anew
     * @throws UserError if this run has fewer steps
     */
    public RunSpec forked(long step, Fork.State state, Task on, Training by, long itsDataSeed) {
        return new RunSpec(on, model, by, initSeed, itsDataSeed, groupSeed, Optional.of(Fork.of(this, step, state)));
    }

    /** This run by another recipe. */
    public RunSpec with(Training other) {
        return new RunSpec(task, model, other, initSeed, dataSeed, groupSeed, start);
    }

    /** This run with the initial values of another seed in one group of blocks. */
    public RunSpec with(GroupSeed other) {
        return new RunSpec(task, model, training, initSeed, dataSeed, Optional.of(other), start);
    }

    /** The weights before the first step; of a fork, those of the run it comes from. A new copy. */
    public Weights initialWeights() {
        Weights weights = Weights.initial(model, initSeed);
        groupSeed.ifPresent(part -> part.draw(this, weights));
        return weights;
    }

    /** The stream of training batches. */
    public Stream batches() {
        return Stream.of(dataSeed, "train");
    }

    /** The number of the batch, in the stream, that a step uses (0 is the first). */
    public long batch(long step) {
        return start.map(Fork::firstBatch).orElse(0L) + step;
    }

    /** The batch that a step trains on (0 is the first), its groups weighted as they are at that step. */
    Batch trainingBatch(long step) {
        Batch drawn = task.batch(batches(), batch(step), training.batch());
        Objective.requireTargets(task, drawn);
        return weighted(drawn, step);
    }

    /** A batch of the task whose groups weigh in the loss what they do at a step (0 is the first). */
    public Batch weighted(Batch batch, long step) {
        if (training.weights().isEmpty()) {
            return batch;
        }
        return batch.weighted(task.groups().stream()
                .mapToDouble(group -> factor(training.weights().get(group), step))
                .toArray());
    }

    /** How many steps the optimiser's state has seen after some steps of the run. */
    long optimizerSteps(long step) {
        return start.map(Fork::optimizerSteps).orElse(0L) + step;
    }

    /** Where in the schedule a run is after some of its steps. */
    private long scheduleSteps(long step) {
        return start.map(Fork::scheduleSteps).orElse(0L) + step;
    }

    /** The schedule's factor on the learning rate at a step (0 is the first), dimensionless. */
    public double scheduleFactor(long step) {
        return factor(training.schedule(), step);
    }

    /** Learning rate of each of the first {@code steps} steps, by the schedule. */
    public double[] rates(long steps) {
        double[] rates = new double[Math.toIntExact(steps)];
        Arrays.setAll(rates, step -> training.optimizer().learningRate() * scheduleFactor(step));
        return rates;
    }

    private double factor(Schedule schedule, long step) {
        return schedule.factor(scheduleSteps(step), scheduleSteps(training.steps()));
    }

    /** What decay alone does to the weights of a block from step to step, by the schedule. */
    public Shrinkage shrinkage(Block block) {
        long all = scheduleSteps(training.steps());
        return block.decays()
                ? (from, to) ->
                        training.optimizer().kept(training.schedule(), all, scheduleSteps(from), scheduleSteps(to))
                : Shrinkage.NONE;
    }

    /** The spec as data; its canonical form is hashed into the run's id. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "run").put("initialValues", Weights.INITIAL_SEMANTICS);
        node.put("initSeed", initSeed).put("dataSeed", dataSeed);
        node.set("task", task.spec());
        node.set("model", model.spec());
        node.set("training", training.spec());
        groupSeed.ifPresent(part -> node.set("groupSeed", part.spec()));
        start.ifPresent(fork -> node.set("start", fork.spec()));
        return node;
    }

    /**
     * The run whose {@link #spec()} this is.
     *
     * @throws UserError if something in it is missing, wrong, or means another thing to this version
     */
    public static RunSpec fromSpec(JsonNode node) {
        Fields fields = new Fields("run", node);
        RunSpec read = new RunSpec(
                Task.fromSpec(fields.object("task")),
                Model.fromSpec(fields.object("model")),
                Training.fromSpec(fields.object("training")),
                fields.wide("initSeed"),
                fields.wide("dataSeed"),
                fields.optional("groupSeed").map(GroupSeed::fromSpec),
                fields.optional("start").map(Fork::fromSpec));
        fields.sameAs(read.spec());
        return read;
    }

    /** A few words for people: task, model and seed. */
    public String label() {
        String seed = initSeed == dataSeed ? "seed " + initSeed : "seeds " + initSeed + "/" + dataSeed;
        String part = groupSeed.map(of -> ", " + of.label()).orElse("");
        String from = start.map(fork -> "; " + fork.label()).orElse("");
        return task.label() + "; " + model.label() + "; " + seed + part + from;
    }
}
