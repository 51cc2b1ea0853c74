package holonomy.analysis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tensor's name told apart: {@code transformer.h.3.attn.c_proj.weight} is layer 3, kind {@code attn.c_proj}.
 *
 * @param layer the first whole number of at most 18 digits that stands between dots; -1 without one
 * @param kind what follows it, or the whole name without one, in both cases without a last {@code .weight}
 */
public record MatrixName(long layer, String kind) {
    private static final Pattern LAYER = Pattern.compile("(?:^|\\.)(\\d{1,18})\\.(.+)");

    public static MatrixName of(String name) {
        String bare = name.endsWith(".weight") && name.length() > 7 ? name.substring(0, name.length() - 7) : name;
        Matcher matcher = LAYER.matcher(bare);
        return matcher.find()
                ? new MatrixName(Long.parseLong(matcher.group(1)), matcher.group(2))
                : new MatrixName(-1, bare);
    }
}
