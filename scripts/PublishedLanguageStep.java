package holonomy.bench;

import holonomy.model.Architecture;
import holonomy.model.ComputeDevice;
import holonomy.model.Design;
import holonomy.task.language.Gpt2Encoding;
import holonomy.task.language.LanguageTask;
import holonomy.task.language.Probe;
import holonomy.task.language.StoryGenerator;
import holonomy.train.AdamW;
import holonomy.train.MicroBatches;
import holonomy.train.Observer;
import holonomy.train.Optimizer;
import holonomy.train.RunSpec;
import holonomy.train.Schedule;
import holonomy.train.Trainer;
import holonomy.train.Training;
import holonomy.train.TrainingState;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One optimiser step of the published language model (arXiv 2602.23696) with its memory: run by scripts/published-language-step. */
final class PublishedLanguageStep {
    public static void main(String[] arguments) throws Exception {
        Gpt2Encoding encoding = Gpt2Encoding.whole();
        LanguageTask task = new LanguageTask(StoryGenerator.filling(192, 257), encoding, 256, 64)
                .with(Probe.of(encoding, 512, .1, new Probe.Gaps(5, 30), new Probe.Gaps(80, 200), 64));
        Architecture model = new Architecture(50_257, 256, 50_257, 8, 16, 512, 2_048, Design.LANGUAGE);
        Training training = new Training(
                        new AdamW(1e-3, .9, .95, 1e-8, .5, Optimizer.Decay.DECOUPLED), Schedule.cutCosine(1, .1), 1, 128, 1)
                .computed(new MicroBatches(2, true))
                .weighing("text", Schedule.constant())
                .weighing("probe", Schedule.level(2));
        RunSpec run = new RunSpec(task, model, training, 1);
        Observer each = (state, latest) ->
                System.out.println("step " + state.step() + ", loss " + latest.loss() + ", gradient norm " + latest.gradientNorm());
        try (var network = model.open(ComputeDevice.CPU)) {
            new Trainer(run, network).train(TrainingState.initial(run), List.of(each), () -> false);
        }
        double seconds = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-9;
        System.out.printf("%,d weights, one step: %.0f s of the thread's processor time%n", model.layout().size(), seconds);
        Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .forEach(System.out::println);
    }
}
