package holonomy.statistic;

import holonomy.statistic.RunPairs.Run;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** How many of some runs share nothing. */
final class Independent {
    private final Map<Long, Set<String>> settings = new TreeMap<>();
    private final Map<String, Long> taken = new HashMap<>();

    private Independent(List<Run> runs) {
        Map<Long, Long> groups = groups(runs);
        runs.forEach(run -> settings.computeIfAbsent(groups.get(run.seed()), group -> new TreeSet<>())
                .add(run.setting()));
    }

    /** The most runs of which no two share a seed, data of a seed, or a setting: a largest matching of seeds and settings (Kuhn 1955). */
    static int of(List<Run> runs) {
        Independent matching = new Independent(runs);
        int matched = 0;
        for (long group : matching.settings.keySet()) {
            matched += matching.finds(group, new HashSet<>()) ? 1 : 0;
        }
        return matched;
    }

    private boolean finds(long group, Set<String> asked) {
        for (String setting : settings.getOrDefault(group, Set.of())) {
            if (asked.add(setting)) {
                Long other = taken.get(setting);
                if (other == null || finds(other, asked)) {
                    taken.put(setting, group);
                    return true;
                }
            }
        }
        return false;
    }

    /** Each seed's group: the least seed that it shares data or paths with, directly or over others. */
    private static Map<Long, Long> groups(List<Run> runs) {
        Map<Long, Long> groups = new HashMap<>();
        runs.forEach(run -> groups.put(run.seed(), run.seed()));
        for (Run run : runs) {
            for (long partner : run.partners()) {
                long one = groups.get(run.seed());
                long two = groups.getOrDefault(partner, partner);
                groups.putIfAbsent(partner, two);
                groups.replaceAll((seed, group) -> group == Math.max(one, two) ? (Long) Math.min(one, two) : group);
            }
        }
        return groups;
    }
}
