package holonomy.product;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which of OpenBLAS's kernels may run on this processor. The library takes one that fits by itself, but obeys {@code OPENBLAS_CORETYPE} unseen: a kernel
 * with instructions that the processor lacks would end the JVM, so this is looked at before the library is opened.
 */
final class Kernels {
    static final List<String> AVX2 = List.of("avx2", "fma");
    static final List<String> AVX512 = List.of("avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl");

    /** The x86 kernels that are used, with what they need of the processor; those without AVX2 are no faster than the engine. */
    private static final Map<String, List<String>> NEEDS = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        NEEDS.put("Haswell", AVX2);
        NEEDS.put("Zen", AVX2);
        NEEDS.put("SkylakeX", AVX512);
        NEEDS.put("Cooperlake", and(AVX512, "avx512_bf16"));
        NEEDS.put("SapphireRapids", and(AVX512, "avx512_bf16", "avx512_fp16"));
    }

    /** ARM kernels are obeyed unless they need vectors of variable length that the processor lacks. */
    private static final Map<String, List<String>> ARM_NEEDS = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        for (String kernel : List.of("ARMV8SVE", "ARMV9SME", "A64FX", "NEOVERSEV1", "NEOVERSEN2", "VORTEXM4")) {
            ARM_NEEDS.put(kernel, List.of("sve"));
        }
    }

    private Kernels() {}

    private static List<String> and(List<String> list, String... more) {
        return Stream.concat(list.stream(), Stream.of(more)).toList();
    }

    /**
     * Why OpenBLAS can't be used on a processor; empty if it can.
     *
     * @param x86 whether it is an x86 processor, else ARM
     * @param features what the processor has, as Linux names it
     * @param forced the kernel that {@code OPENBLAS_CORETYPE} asks for; empty for none
     */
    static Optional<String> problem(boolean x86, Set<String> features, String forced) {
        if (x86 && !features.containsAll(AVX2)) {
            return Optional.of("this processor has no AVX2");
        }
        if (forced.isEmpty()) {
            return Optional.empty();
        }
        List<String> needs = (x86 ? NEEDS : ARM_NEEDS).getOrDefault(forced, x86 ? null : List.of());
        if (needs == null) {
            return Optional.of("OPENBLAS_CORETYPE=" + forced + " is not one of " + String.join(", ", NEEDS.keySet()));
        }
        String missing =
                needs.stream().filter(feature -> !features.contains(feature)).collect(Collectors.joining(", "));
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("OPENBLAS_CORETYPE=" + forced + " needs a processor with " + missing);
    }

    /** Why the kernel that the opened library took can't be used; empty if it can. */
    static Optional<String> problemOf(String taken, boolean x86, String forced) {
        if (!forced.isEmpty() && !forced.equalsIgnoreCase(taken)) {
            return Optional.of(
                    "OPENBLAS_CORETYPE=" + forced + " asks for a kernel that this library lacks; it took " + taken);
        }
        return x86 && !NEEDS.containsKey(taken)
                ? Optional.of("its kernel for this processor, " + taken + ", has no AVX2")
                : Optional.empty();
    }
}
