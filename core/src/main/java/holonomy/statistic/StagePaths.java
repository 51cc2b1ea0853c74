package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The paths of runs stage by stage and the angles between them, as a {@link StageStudy} stored them.
 *
 * @param all every block in each stage of each run, and in all of it (stage 0)
 * @param angles of those that were compared
 */
public record StagePaths(List<StagePath> all, Map<Between, Angles> angles) {
    /** Which two paths. */
    record Between(String one, int oneStage, String other, int otherStage, String block) {}

    /** Mean squared cosine, and the principal angles in degrees, ascending. */
    record Angles(double overlap, List<Double> degrees) {}

    /**
     * From the study's tables, in the order of the runs.
     *
     * @param paths rows of {@link StageStudy#PATHS}
     * @param angles rows of {@link StageStudy#ANGLES}
     */
    public static StagePaths of(RunSet runs, Table paths, Table angles) {
        Map<String, List<Table.Row>> byRun = Rows.by(paths.rows(), row -> row.text(StageStudy.PATH));
        List<StagePath> all = runs.members().stream()
                .flatMap(run -> byRun.getOrDefault(run.id(), List.of()).stream().map(row -> path(run, row)))
                .toList();
        Map<Between, Angles> between = new LinkedHashMap<>();
        Rows.by(angles.rows(), StagePaths::between)
                .forEach((pair, rows) -> between.put(
                        pair,
                        new Angles(
                                rows.get(0).number(StageStudy.OVERLAP),
                                rows.stream()
                                        .map(row -> row.number(StageStudy.DEGREES))
                                        .toList())));
        return new StagePaths(all, between);
    }

    private static StagePath path(RunSet.Member run, Table.Row row) {
        return new StagePath(
                run,
                (int) row.number(StageStudy.STAGE),
                row.text(Measure.BLOCK),
                row.number(StageStudy.MEASURED),
                row.number(StageStudy.WALK),
                (int) row.number(StageStudy.DIRECTIONS),
                (long) row.number(StageStudy.WEIGHTS));
    }

    private static Between between(Table.Row row) {
        return new Between(
                row.text(StageStudy.ONE),
                (int) row.number(StageStudy.ONE_STAGE),
                row.text(StageStudy.OTHER),
                (int) row.number(StageStudy.OTHER_STAGE),
                row.text(Measure.BLOCK));
    }

    /** Those of some of the runs, by id; the angles stay. */
    public StagePaths of(Set<String> runs) {
        return new StagePaths(
                all.stream().filter(path -> runs.contains(path.run().id())).toList(), angles);
    }

    /** Every stage of every run. */
    public List<StagePath> parts() {
        return all.stream().filter(path -> path.stage() > 0).toList();
    }

    /** Every run as a whole. */
    public List<StagePath> wholes() {
        return all.stream().filter(path -> path.stage() == 0).toList();
    }

    /**
     * Two paths of one block.
     *
     * @throws UserError if they were not compared: they are not of one study, or not of one seed
     */
    public StagePath.Pair pair(StagePath one, StagePath other) {
        if (one.directions() == 0 || other.directions() == 0) {
            return new StagePath.Pair(one, other, Double.NaN, new double[0]);
        }
        Between between = new Between(one.run().id(), one.stage(), other.run().id(), other.stage(), one.block());
        Angles found = angles.get(between);
        if (found == null) {
            throw new UserError("paths by stage: stage " + one.stage() + " of '"
                    + one.run().name() + "' and stage " + other.stage() + " of '"
                    + other.run().name() + "' were not compared; give both runs to one stagePaths(...)");
        }
        return new StagePath.Pair(
                one,
                other,
                found.overlap,
                found.degrees.stream().mapToDouble(degrees -> degrees).toArray());
    }

    /** Each stage and the next of the same run and block. */
    public List<StagePath.Pair> successive() {
        Map<List<String>, List<StagePath>> own = new LinkedHashMap<>();
        for (StagePath part : parts()) {
            own.computeIfAbsent(List.of(part.run().id(), part.block()), key -> new ArrayList<>())
                    .add(part);
        }
        List<StagePath.Pair> pairs = new ArrayList<>();
        for (List<StagePath> paths : own.values()) {
            paths.sort(Comparator.comparingInt(StagePath::stage));
            for (int i = 1; i < paths.size(); i++) {
                pairs.add(pair(paths.get(i - 1), paths.get(i)));
            }
        }
        return pairs;
    }

    /** Overlap of successive stages' directions over its chance level, mean over blocks and stages; 1 at chance. */
    public RunNumber overlapOfSuccessive(int directions) {
        String label = "overlap of successive stages' top " + directions + " directions over chance";
        return new RunNumber(label, Scale.LOG, runs -> {
            Map<String, List<Double>> ratios = new LinkedHashMap<>();
            for (StagePath.Pair pair : successive()) {
                ratios.computeIfAbsent(pair.one().run().id(), run -> new ArrayList<>())
                        .add(pair.overChance());
            }
            Map<String, Double> means = new LinkedHashMap<>();
            ratios.forEach((run, own) -> means.put(
                    run,
                    Reduction.MEAN.of(own.stream().mapToDouble(ratio -> ratio).toArray())));
            return means;
        });
    }
}
