package holonomy.bench;

import ai.djl.ndarray.types.DataType;
import holonomy.geometry.Trajectory;
import holonomy.measure.StillMoment;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.ComputeDevice;
import holonomy.model.Design;
import holonomy.model.Network;
import holonomy.model.autograd.AutogradNetwork;
import holonomy.task.EvaluationSet;
import holonomy.task.MarkedTask;
import holonomy.task.Operation;
import holonomy.task.PairTask;
import holonomy.task.language.LanguageTask;
import holonomy.task.language.Probe;
import holonomy.task.language.StoryGenerator;
import holonomy.task.language.WordEncoding;
import holonomy.train.AdamW;
import holonomy.train.RunSpec;
import holonomy.train.Schedule;
import holonomy.train.Trainer;
import holonomy.train.Training;
import holonomy.train.TrainingState;
import java.util.List;

/** The published model and task, and a training of it that is advanced step by step. */
public final class Subject implements AutoCloseable {
    static final int BATCH = 128;

    private final RunSpec spec;
    private final Network network;
    private final Trainer trainer;
    private final TrainingState state;

    Subject(RunSpec spec) {
        this(spec, spec.model().open(ComputeDevice.CPU));
    }

    private Subject(RunSpec spec, Network network) {
        this.spec = spec;
        this.network = network;
        trainer = new Trainer(spec, network);
        state = TrainingState.initial(spec);
    }

    /** The published model: T 16, 5 layers, width 128, 4 heads, attention-only, AdamW. */
    public static Subject published() {
        return new Subject(publishedSpec(1_000_000));
    }

    /** The same training by the engine's autograd. */
    static Subject byAutograd(RunSpec spec) {
        return new Subject(spec, new AutogradNetwork((Architecture) spec.model(), ComputeDevice.CPU, DataType.FLOAT32));
    }

    /** A model and task of the size that the quick profile trains. */
    static RunSpec quickSpec(long steps) {
        MarkedTask task =
                new MarkedTask(Operation.sum(4), 12, 32, 16, 3, List.of(1, 2), MarkedTask.Placement.PER_BATCH);
        return new RunSpec(task, new Architecture(32, 12, 4, 3, 4, 64, 0), new Training(AdamW.of(1e-3), steps, 64), 1);
    }

    static RunSpec publishedSpec(long steps) {
        return withHidden(steps, 0);
    }

    /** The published model with MLPs of so many neurons. */
    static RunSpec withHidden(long steps, int hidden) {
        MarkedTask task =
                new MarkedTask(Operation.sum(8), 16, 256, 100, 6, List.of(1, 2, 3, 4), MarkedTask.Placement.PER_BATCH);
        Architecture model = new Architecture(256, 16, 8, 5, 4, 128, hidden);
        return new RunSpec(task, model, new Training(AdamW.of(3e-4), steps, BATCH), 1);
    }

    /** Grokking as published: pairs modulo 97, batch 512, an encoder of 2 layers of width 128 with MLPs of 256 neurons. */
    static RunSpec grokkingSpec(long steps) {
        Architecture model = new Architecture(97, 2, 97, 2, 4, 128, 256, Design.ENCODER);
        return new RunSpec(
                PairTask.of(Operation.sum(97)).forSeed(1), model, new Training(AdamW.of(1e-3), steps, 512), 1);
    }

    /** The language model of the scaled-down study: T 96, 384 words, 2 layers, width 64, batch 32 in two micro-batches. */
    static RunSpec languageSpec(long steps) {
        WordEncoding words = WordEncoding.of(384, 64);
        int length = 96;
        Probe probe = Probe.of(words, 64, .2, new Probe.Gaps(3, 12), new Probe.Gaps(32, 76), 100);
        LanguageTask task =
                new LanguageTask(StoryGenerator.filling(words.lexicon(), length + 1), words, length, 100).with(probe);
        Architecture model = new Architecture(384, length, 384, 2, 4, 64, 256, Design.LANGUAGE);
        Training training = new Training(AdamW.of(2e-3), steps, 32)
                .inMicroBatches(2)
                .weighing("text", Schedule.constant())
                .weighing("probe", Schedule.level(2.0));
        return new RunSpec(task, model, training, 1);
    }

    RunSpec spec() {
        return spec;
    }

    /** Takes the next steps of the training, batches and optimizer included. */
    public void steps(int count) {
        long end = state.step() + count;
        trainer.train(state, List.of(), () -> state.step() >= end);
    }

    /** The weights as they are now; live. */
    float[] theta() {
        return state.theta();
    }

    Network network() {
        return network;
    }

    /** This moment, with snapshots taken elsewhere. */
    StillMoment moment(Trajectory path, List<Network> precise) {
        return new StillMoment(spec, state.step(), state.theta(), network, path, state.optimizer(), precise);
    }

    /** Makes one batch. */
    void batch() {
        spec.task().batch(spec.batches(), state.step(), spec.training().batch());
    }

    /** Asks the model all that its task evaluates. */
    void evaluate() {
        for (EvaluationSet set : spec.task().evaluationSets()) {
            Answers.of(network, state.theta(), set.sample(spec.batches(), BATCH));
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
