package holonomy.store;

import holonomy.data.UserError;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Names of files inside a run: parts joined by {@code /}, each of plain characters, so that none ever leads out of the run's folder. */
public final class StorePath {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_%+=@,-][A-Za-z0-9_%+=@,.-]*");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8,64}");
    private static final int LONGEST_PART = 150;

    private StorePath() {}

    /**
     * A path, unchanged, if it is a good one.
     *
     * @throws UserError if a part is empty, too long, starts with a point or holds other characters
     */
    public static String check(String path) {
        for (String part : path.split("/", -1)) {
            if (part.length() > LONGEST_PART || !PART.matcher(part).matches()) {
                throw new UserError("file name '" + path + "' cannot be stored in a run: expected parts of 1 to "
                        + LONGEST_PART + " letters, digits and _%+=@,.- (no point first), joined by '/', found '" + part
                        + "'");
            }
        }
        return path;
    }

    /** Any text as one part of a path: every byte of UTF-8 that a part may not hold becomes {@code %XX}. Different texts stay different. */
    public static String part(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && c != '%' && PART.matcher("a" + c).matches() && !(c == '.' && out.isEmpty());
            out.append(
                    plain
                            ? String.valueOf(c)
                            : "%" + HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return check(out.toString());
    }

    /** An id, unchanged, if it is one. */
    static String checkId(String id) {
        if (!isId(id)) {
            throw new UserError("'" + id + "' is not the id of a run: expected 8 to 64 lower-case hexadecimal digits");
        }
        return id;
    }

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }
}
