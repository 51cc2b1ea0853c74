package holonomy.run;

/** A measurement was given up because the run is to stop; it is done again when the run goes on. */
final class MeasurementDropped extends RuntimeException {
    MeasurementDropped() {
        super("measurement dropped: the run is to stop");
    }
}
