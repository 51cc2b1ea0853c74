package holonomy.statistic;

import holonomy.data.Numbers;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The permutation test of a rank correlation over runs: what can be exchanged are seeds, whole, within the settings. Of each order pi of the seeds the runs of seed i keep their x and
 * take the y of seed pi(i)'s run in the same setting.
 *
 * @param runs both numbers of every run
 */
record Reordered(List<RunPairs.Run> runs) {
    /** Seeds whose orders are all counted: 7! = 5,040. */
    private static final int ENUMERATED = 7;

    private static final int DRAWN = 4_999;
    private static final double TIE = 1e-12;

    /**
     * For a label: {@code #{|rho_pi - rho_0| >= |rho - rho_0|} / #pi}, rho_0 the mean over all orders ({@link RunPairs#bySettingsAlone}); of more than seven seeds 4,999 drawn orders
     * and the one that is there ({@code (b + 1)/(m + 1)}, Phipson and Smyth 2010).
     */
    String words() {
        List<Long> seeds =
                runs.stream().map(RunPairs.Run::seed).distinct().sorted().toList();
        Map<Long, Map<String, Double>> y = new HashMap<>();
        runs.forEach(
                run -> y.computeIfAbsent(run.seed(), seed -> new HashMap<>()).put(run.setting(), run.y()));
        boolean same = y.values().stream().map(Map::keySet).distinct().count() == 1;
        if (!same || seeds.size() * y.get(seeds.get(0)).size() != runs.size()) {
            return "no permutation test, not every seed has every setting";
        }
        double centre = RunPairs.bySettings(runs);
        if (Double.isNaN(centre)) {
            return "no permutation test, it is undefined";
        }
        double measured = Math.abs(RunPairs.rho(runs) - centre) - TIE;
        List<List<Long>> orders = seeds.size() <= ENUMERATED ? all(seeds) : drawn(seeds);
        long asLarge = orders.stream()
                .filter(order -> Math.abs(RunPairs.rho(taken(seeds, order, y)) - centre) >= measured)
                .count();
        return "permutation p " + Numbers.brief((double) asLarge / orders.size()) + " of " + orders.size()
                + " orders of the seeds";
    }

    private List<RunPairs.Run> taken(List<Long> seeds, List<Long> order, Map<Long, Map<String, Double>> y) {
        Map<Long, Long> from = new HashMap<>();
        for (int i = 0; i < seeds.size(); i++) {
            from.put(seeds.get(i), order.get(i));
        }
        return runs.stream()
                .map(run -> new RunPairs.Run(
                        run.seed(),
                        run.setting(),
                        run.partners(),
                        run.x(),
                        y.get(from.get(run.seed())).get(run.setting())))
                .toList();
    }

    private static List<List<Long>> all(List<Long> seeds) {
        if (seeds.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Long>> orders = new ArrayList<>();
        for (long first : seeds) {
            List<Long> rest = seeds.stream().filter(seed -> seed != first).collect(Collectors.toList());
            for (List<Long> order : all(rest)) {
                List<Long> longer = new ArrayList<>(List.of(first));
                longer.addAll(order);
                orders.add(longer);
            }
        }
        return orders;
    }

    private static List<List<Long>> drawn(List<Long> seeds) {
        RandomSequence random = Stream.of(0, "orders of the seeds").at(0);
        List<List<Long>> orders = new ArrayList<>(List.of(seeds));
        for (int draw = 0; draw < DRAWN; draw++) {
            List<Long> order = new ArrayList<>(seeds);
            for (int i = order.size() - 1; i > 0; i--) {
                Collections.swap(order, i, random.nextInt(i + 1));
            }
            orders.add(order);
        }
        return orders;
    }
}
