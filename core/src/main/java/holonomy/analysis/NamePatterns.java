package holonomy.analysis;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which tensors are asked for: names with {@code *} for any text and {@code ?} for one character; after a {@code !} those that are not. A name is asked for when
 * it matches one of the plain patterns, or there is none, and is excluded by no other.
 */
record NamePatterns(List<String> patterns) {
    private static final String NOT = "!";

    /** Whether any name is asked for: a tensor that is not excluded then counts whatever its shape. */
    boolean choose() {
        return patterns.stream().anyMatch(pattern -> !pattern.startsWith(NOT));
    }

    /** Why a name is not asked for, in words; empty if it is. */
    Optional<String> refusal(String name) {
        Optional<String> excluded = patterns.stream()
                .filter(pattern -> pattern.startsWith(NOT) && matches(pattern.substring(NOT.length()), name))
                .findFirst();
        if (excluded.isPresent()) {
            return Optional.of("excluded by '" + excluded.get() + "'");
        }
        boolean asked =
                !choose() || patterns.stream().anyMatch(pattern -> !pattern.startsWith(NOT) && matches(pattern, name));
        return asked ? Optional.empty() : Optional.of("does not match '" + String.join(",", patterns) + "'");
    }

    private static boolean matches(String pattern, String name) {
        StringBuilder regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(name).matches();
    }
}
