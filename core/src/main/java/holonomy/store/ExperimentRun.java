package holonomy.store;

import java.util.Map;

/**
 * A run as an experiment asked for it. Not part of the run's identity.
 *
 * @param experiment the experiment's name
 * @param id the run
 * @param label the point of the sweep, in a few words
 * @param labels the values of the sweep's axes by name, in the sweep's order
 */
public record ExperimentRun(String experiment, String id, String label, Map<String, String> labels) {}
