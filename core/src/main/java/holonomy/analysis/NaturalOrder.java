package holonomy.analysis;

import java.util.Comparator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Order of names in which whole numbers, however long, count as numbers: layers.2 before layers.10. */
final class NaturalOrder {
    private static final Pattern PART = Pattern.compile("\\d+|\\D+");

    /** Total: names that differ in leading zeros only are in the order of their characters. */
    static final Comparator<String> COMPARATOR =
            ((Comparator<String>) NaturalOrder::compare).thenComparing(Comparator.naturalOrder());

    private NaturalOrder() {}

    private static int compare(String one, String other) {
        String[] a = parts(one);
        String[] b = parts(other);
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            boolean numbers = Character.isDigit(a[i].charAt(0)) && Character.isDigit(b[i].charAt(0));
            int order = numbers ? number(a[i]).compareTo(number(b[i])) : a[i].compareTo(b[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.length, b.length);
    }

    private static java.math.BigInteger number(String digits) {
        return new java.math.BigInteger(digits);
    }

    private static String[] parts(String name) {
        return PART.matcher(name).results().map(MatchResult::group).toArray(String[]::new);
    }
}
