/** Numbers of runs: one per run, then one per seed. */
@org.jspecify.annotations.NullMarked
package holonomy.statistic;
