package holonomy.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.data.UserError;

/**
 * Where tensors are computed. The engine is PyTorch's libtorch through DJL.
 *
 * @param name {@code CPU} or {@code CUDA}: what results say of it
 * @param index which of several GPUs, from 0; 0 for the CPU
 */
public record ComputeDevice(String name, int index) {
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    public static final ComputeDevice CPU = new ComputeDevice("CPU", 0);
    /** The first GPU. */
    public static final ComputeDevice CUDA = new ComputeDevice("CUDA", 0);

    /** One of several GPUs. */
    public static ComputeDevice gpu(int index) {
        return new ComputeDevice(CUDA.name, index);
    }

    /**
     * The device for an option value: {@code cpu}, {@code cuda}, or {@code auto} (CUDA where the engine sees a GPU).
     *
     * <p>Errors: an unknown word; {@code cuda} where the engine sees no GPU.
     */
    public static ComputeDevice of(String option) {
        return switch (option) {
            case "cpu" -> CPU;
            case "auto" -> gpus() > 0 ? CUDA : CPU;
            case "cuda" -> {
                if (gpus() == 0) {
                    throw new UserError("--device cuda: the engine sees no GPU (libtorch "
                            + engine().getVersion() + "). Use --device cpu, or give Holonomy a libtorch with CUDA: set"
                            + " PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR (README, 'On a GPU').");
                }
                yield CUDA;
            }
            default -> throw new UserError("--device: expected auto, cpu or cuda, found '" + option + "'");
        };
    }

    /**
     * The engine; its first call loads the native library.
     *
     * <p>Sets the calling thread's number of threads per operation, 1 unless {@code ai.djl.pytorch.num_threads} says otherwise. MKL keeps that number per
     * thread: in a thread that never set it, products are split over all cores, are summed in another order on another machine, and workers fight for cores.
     */
    public static Engine engine() {
        try {
            Engine engine = Engine.getEngine("PyTorch");
            JniUtils.setNumThreads(Integer.getInteger(THREADS, 1));
            return engine;
        } catch (RuntimeException | LinkageError failure) {
            throw new UserError(
                    "no PyTorch native library for " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + " in this build (" + failure.getMessage()
                            + "). The build packages the natives of linux-x86_64, linux-aarch64, osx-aarch64 and win-x86_64;"
                            + " elsewhere set PYTORCH_LIBRARY_PATH to an installed libtorch.",
                    failure);
        }
    }

    private static int gpus() {
        return engine().getGpuCount();
    }

    /** The engine's name for it. */
    public Device device() {
        return equals(CPU) ? Device.cpu() : Device.gpu(index);
    }
}
