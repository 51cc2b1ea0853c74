package holonomy.analysis;

import holonomy.data.Dtype;
import holonomy.data.SafeTensorsFile;
import holonomy.data.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The tensors of one snapshot, open for reading, whatever files hold them. Their names come without what wrappers put in front ({@code module.},
 * {@code _orig_mod.}, {@code base_model.model.} and the like), unless two would then be the same.
 */
final class SnapshotTensors implements AutoCloseable {
    /** The types that can be analysed. */
    private static final Set<Dtype> FLOATING = EnumSet.of(Dtype.F64, Dtype.F32, Dtype.F16, Dtype.BF16);

    private static final Pattern WRAPPERS = Pattern.compile("^(?:module\\.|base_model\\.model\\.|_orig_mod\\.)+"
            + "|(?<=\\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\."
            + "|^(?:_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");

    private final Path place;
    private final Map<Path, SafeTensorsFile> files = new LinkedHashMap<>();
    private final SortedMap<String, Tensor> tensors = new TreeMap<>();

    /** Where a tensor lies; {@code name} is what its file calls it. */
    private record Tensor(SafeTensorsFile file, String name) {
        String type() {
            String unknown = file.unknownTypes().get(name);
            return unknown == null ? file.dtype(name).name() : unknown;
        }
    }

    private SnapshotTensors(Path place) {
        this.place = place;
    }

    /** @throws UserError if a file is damaged, or lacks a tensor that the index says it holds */
    static SnapshotTensors open(Checkpoint checkpoint) {
        SnapshotTensors snapshot = new SnapshotTensors(checkpoint.place());
        try {
            checkpoint.files().forEach(file -> snapshot.files.put(file, opened(file)));
            snapshot.name(checkpoint.parts().isEmpty() ? snapshot.all() : snapshot.indexed(checkpoint.parts()));
            return snapshot;
        } catch (RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    private static SafeTensorsFile opened(Path path) {
        try {
            return SafeTensorsFile.open(path);
        } catch (IOException e) {
            throw new UserError("snapshot " + path + " cannot be read: " + e.getMessage(), e);
        } catch (UserError e) {
            throw new UserError(e.getMessage() + ". Save that step again, or take the file out of the folder", e);
        }
    }

    private SortedMap<String, Tensor> all() {
        SortedMap<String, Tensor> all = new TreeMap<>();
        for (SafeTensorsFile file : files.values()) {
            file.names().forEach(name -> all.put(name, new Tensor(file, name)));
            file.unknownTypes().keySet().forEach(name -> all.put(name, new Tensor(file, name)));
        }
        return all;
    }

    private SortedMap<String, Tensor> indexed(SortedMap<String, Path> parts) {
        SortedMap<String, Tensor> indexed = new TreeMap<>();
        parts.forEach((name, path) -> {
            SafeTensorsFile file = files.get(path);
            if (!file.names().contains(name) && !file.unknownTypes().containsKey(name)) {
                throw new UserError("snapshot " + path + " has no tensor '" + name
                        + "', which the index says is in it. Save that step again, or take it out of the folder");
            }
            indexed.put(name, new Tensor(file, name));
        });
        return indexed;
    }

    private void name(SortedMap<String, Tensor> all) {
        Map<String, Integer> bare = new TreeMap<>();
        all.keySet().forEach(name -> bare.merge(bare(name), 1, Integer::sum));
        all.forEach((name, tensor) -> tensors.put(bare.get(bare(name)) == 1 ? bare(name) : name, tensor));
    }

    private static String bare(String name) {
        String bare = WRAPPERS.matcher(name).replaceAll("");
        return bare.isEmpty() ? name : bare;
    }

    /** The file, or the folder of the files. */
    Path place() {
        return place;
    }

    Set<String> names() {
        return tensors.keySet();
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** The number type as the file writes it, also one not known here. */
    String type(String name) {
        return tensor(name).type();
    }

    boolean floating(String name) {
        return FLOATING.stream().anyMatch(dtype -> dtype.name().equals(type(name)));
    }

    long[] shape(String name) {
        return tensor(name).file.shape(tensor(name).name);
    }

    /** Two axes of more than one entry. */
    boolean isMatrix(String name) {
        return Arrays.stream(shape(name)).filter(length -> length > 1).count() >= 2;
    }

    /** Of a tensor of known type only. */
    Dtype dtype(String name) {
        return tensor(name).file.dtype(tensor(name).name);
    }

    /** Of a tensor of known type only. */
    long count(String name) {
        return tensor(name).file.count(tensor(name).name);
    }

    /** As {@link SafeTensorsFile#read(String, long, float[], int)}. */
    void read(String name, long offset, float[] into, int length) {
        Tensor tensor = tensor(name);
        try {
            tensor.file.read(tensor.name, offset, into, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The stored numbers, exactly, of any floating type. {@code into} is modified. */
    void read(String name, long offset, double[] into, int length) {
        Tensor tensor = tensor(name);
        if (dtype(name) != Dtype.F64) {
            float[] narrow = new float[length];
            read(name, offset, narrow, length);
            Arrays.setAll(into, d -> d < length ? narrow[d] : into[d]);
            return;
        }
        try {
            tensor.file.read(tensor.name, offset, into, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("snapshot " + place + " has no tensor '" + name + "'");
        }
        return tensor;
    }

    @Override
    public void close() {
        for (SafeTensorsFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
