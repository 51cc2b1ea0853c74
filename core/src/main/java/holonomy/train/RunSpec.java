package holonomy.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.model.Model;
import holonomy.model.Weights;
import holonomy.task.PairTask;
import holonomy.task.Stream;
import holonomy.task.Task;
import holonomy.task.Tasks;

/**
 * What determines the weights of a run at every step, and nothing else.
 *
 * @param task where the batches come from
 * @param model what is trained
 * @param training the recipe
 * @param initSeed seed of the initial values
 * @param dataSeed seed of the batches
 */
public record RunSpec(Task task, Model model, Training training, long initSeed, long dataSeed) {
    public RunSpec {
        fits("vocabulary", task.vocabulary(), model.vocabulary());
        fits("length", task.length(), model.length());
        fits("classes", task.classes(), model.classes());
        fits("labels per sequence", task.labels(), model.readouts().size());
        Footprint.requireArrays(model, training);
        if (training.stopRule().isPresent() && !(task instanceof PairTask)) {
            throw new UserError("run: the stop rule looks at the accuracy on a test set, '" + task.label()
                    + "' has none; leave the rule out, or take a task over pairs");
        }
    }

    private static void fits(String what, int ofTask, int ofModel) {
        if (ofTask != ofModel) {
            throw new UserError("run: the task's " + what + " is " + ofTask + ", the model's " + ofModel
                    + "; make the model for this task");
        }
    }

    /** Initial values and batches from one seed. */
    public RunSpec(Task task, Model model, Training training, long seed) {
        this(task, model, training, seed, seed);
    }

    /** The stream of training batches: step s (0 is the first) uses batch s. */
    public Stream batches() {
        return Stream.of(dataSeed, "train");
    }

    /** The spec as data; its canonical form is hashed into the run's id. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "run").put("initialValues", Weights.INITIAL_SEMANTICS);
        node.put("initSeed", initSeed).put("dataSeed", dataSeed);
        node.set("task", task.spec());
        node.set("model", model.spec());
        node.set("training", training.spec());
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
                Tasks.fromSpec(fields.object("task")),
                Model.fromSpec(fields.object("model")),
                Training.fromSpec(fields.object("training")),
                fields.wide("initSeed"),
                fields.wide("dataSeed"));
        fields.sameAs(read.spec());
        return read;
    }

    /** A few words for people: task, model and seed. */
    public String label() {
        String seed = initSeed == dataSeed ? "seed " + initSeed : "seeds " + initSeed + "/" + dataSeed;
        return task.label() + "; " + model.label() + "; " + seed;
    }
}
