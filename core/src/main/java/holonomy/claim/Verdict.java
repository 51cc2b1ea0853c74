package holonomy.claim;

import holonomy.data.UserError;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What became of a claim. */
public enum Verdict {
    /** Direction and, where the source gives one, size are as claimed. */
    REPLICATED("replicated"),
    /** The change is as claimed, and of another size than the source gives. */
    DIRECTION_ONLY("direction as published, size not"),
    /** The number may be as claimed; what has no such cause gives as much, so it tells nothing. */
    EXPLAINED("explained by a null"),
    /** The number is not as claimed. */
    NOT_REPLICATED("not replicated"),
    /** The data don't tell, or the claim can't be tested on these runs. */
    INCONCLUSIVE("inconclusive");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    /** The verdict of these words. */
    public static Verdict of(String words) {
        return Arrays.stream(values())
                .filter(verdict -> verdict.words.equals(words))
                .findFirst()
                .orElseThrow(() -> new UserError("verdict '" + words + "': expected one of "
                        + Arrays.stream(values()).map(Verdict::words).collect(Collectors.joining(", "))));
    }

    /** Whether it says that something is so: what a family of claims holds back. */
    public boolean isPositive() {
        return this == REPLICATED || this == DIRECTION_ONLY;
    }

    /** As it is printed. */
    public String words() {
        return words;
    }
}
