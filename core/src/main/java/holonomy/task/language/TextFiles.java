package holonomy.task.language;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.UserError;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Reads stories: plain text whose stories are separated by {@value #SEPARATOR}, or, where the name ends in {@code .jsonl}, one JSON object a line with the story under
 * {@code text}; either compressed where the name ends in {@code .gz}. UTF-8. Stories are stripped of white space at both ends; those of less than {@value
 * #SHORTEST} characters are left out, as published.
 */
final class TextFiles {
    static final String SEPARATOR = "<|endoftext|>";
    static final int SHORTEST = 40;

    private static final ObjectMapper JSON = new ObjectMapper();

    private TextFiles() {}

    /** The first stories of a file, or of all files of a folder in the order of their paths. */
    static List<String> read(Path place, int most) {
        List<String> stories = new ArrayList<>();
        try {
            for (Path file : files(place)) {
                read(file, story -> {
                    if (story.length() >= SHORTEST && stories.size() < most) {
                        stories.add(story);
                    }
                    return stories.size() < most;
                });
            }
        } catch (IOException e) {
            throw new UserError("text " + place + ": expected a readable file or folder, found " + e, e);
        }
        if (stories.isEmpty()) {
            throw new UserError("text " + place + ": expected stories of at least " + SHORTEST
                    + " characters, separated by " + SEPARATOR + " or one JSON object a line in a file named .jsonl;"
                    + " found none");
        }
        return List.copyOf(stories);
    }

    private static List<Path> files(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        try (Stream<Path> inside = Files.walk(place)) {
            return inside.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Takes a story; says whether it wants another one. */
    private interface Taker {
        boolean take(String story);
    }

    private static void read(Path file, Taker stories) throws IOException {
        String name = file.getFileName().toString();
        boolean compressed = name.endsWith(".gz");
        boolean objects = (compressed ? name.substring(0, name.length() - ".gz".length()) : name).endsWith(".jsonl");
        try (InputStream raw = new FileInputStream(file.toFile());
                InputStream bytes = compressed ? new GZIPInputStream(raw) : raw;
                BufferedReader lines = new BufferedReader(new InputStreamReader(
                        bytes,
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT)))) {
            if (objects) {
                readObjects(file, lines, stories);
            } else {
                readPlain(lines, stories);
            }
        } catch (CharacterCodingException e) {
            throw new UserError(
                    "text " + file + ": expected UTF-8, found bytes that are no UTF-8; save the text as UTF-8", e);
        }
    }

    private static void readPlain(BufferedReader lines, Taker stories) throws IOException {
        StringBuilder story = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int from = 0;
            for (int at = line.indexOf(SEPARATOR); at >= 0; at = line.indexOf(SEPARATOR, from)) {
                story.append(line, from, at);
                if (!stories.take(story.toString().strip())) {
                    return;
                }
                story.setLength(0);
                from = at + SEPARATOR.length();
            }
            story.append(line, from, line.length()).append('\n');
        }
        stories.take(story.toString().strip());
    }

    private static void readObjects(Path file, BufferedReader lines, Taker stories) throws IOException {
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (!line.isBlank() && !stories.take(story(file, number, line).strip())) {
                return;
            }
        }
    }

    private static String story(Path file, int number, String line) {
        try {
            JsonNode text = JSON.readTree(line).path("text");
            if (text.isTextual()) {
                return text.textValue();
            }
        } catch (JsonProcessingException e) {
            // Said below, as for an object without a text.
        }
        throw new UserError(
                "text " + file + ", line " + number + ": expected a JSON object with the story under \"text\", found "
                        + line.substring(0, Math.min(line.length(), SHORTEST)));
    }
}
