package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.Sha256;
import holonomy.data.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Stories of a file or folder, known by what they say: wherever the file lies, and whether it is plain text, JSON lines or compressed, the same stories are the same
 * source. See {@link TextFiles} for what is read.
 *
 * <p>A run that comes from its spec alone (on a cluster, from a store) finds them among the texts that this program has read, else among the files and
 * folders in the folder that the system property {@value #FOLDER} names.
 *
 * @param sha256 of the length (4 bytes) and the UTF-8 bytes of each story
 * @param stories how many
 */
public record LocalText(String sha256, int stories) implements TextSource {
    /** Names the folder where texts are looked for. */
    public static final String FOLDER = "holonomy.texts";

    /** Bumped by hand whenever the same stories would have another hash. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "text";
    private static final int SHOWN_DIGITS = 8;
    private static final Map<String, List<String>> READ = new ConcurrentHashMap<>();

    /** All stories of a file, or of the files of a folder in the order of their names. */
    public static LocalText read(Path place) {
        return read(place, Integer.MAX_VALUE);
    }

    /**
     * The first stories of a file, or of the files of a folder in the order of their names.
     *
     * @param most how many at most
     * @throws UserError if it can't be read, isn't UTF-8 or has no story
     */
    public static LocalText read(Path place, int most) {
        List<String> stories = TextFiles.read(place, most);
        LocalText text = new LocalText(hash(stories), stories.size());
        READ.put(text.sha256, stories);
        return text;
    }

    private static String hash(List<String> stories) {
        MessageDigest digest = Sha256.digest();
        for (String story : stories) {
            byte[] bytes = story.getBytes(StandardCharsets.UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public boolean atHand() {
        return READ.containsKey(sha256);
    }

    @Override
    public String story(int index) {
        return READ.computeIfAbsent(sha256, missing -> find()).get(index);
    }

    private List<String> find() {
        Optional<Path> folder = Optional.ofNullable(System.getProperty(FOLDER)).map(Path::of);
        if (folder.isPresent()) {
            try (Stream<Path> places = Files.list(folder.get())) {
                Optional<List<String>> found = places.sorted()
                        .flatMap(place -> ifThese(place).stream())
                        .findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new UserError("text " + label() + " of SHA-256 " + sha256 + ": not among those that were read here, nor "
                + folder.map(place -> "in " + place)
                        .orElse("in the folder that -D" + FOLDER + " names, which isn't given")
                + "; put the file there");
    }

    /** The stories of a place, if they are these; a place that holds something else may hold anything. */
    private Optional<List<String>> ifThese(Path place) {
        try {
            return Optional.of(TextFiles.read(place, stories))
                    .filter(found -> hash(found).equals(sha256));
        } catch (UserError noText) {
            return Optional.empty();
        }
    }

    @Override
    public ObjectNode spec() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", KIND)
                .put("semantics", SEMANTICS)
                .put("sha256", sha256)
                .put("stories", stories);
    }

    /** Reads it. */
    public static final class Kind implements TextSource.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public LocalText fromSpec(Fields fields) {
            return new LocalText(fields.text("sha256"), fields.whole("stories"));
        }
    }

    @Override
    public String label() {
        return stories + " local stories " + sha256.substring(0, Math.min(SHOWN_DIGITS, sha256.length()));
    }
}
