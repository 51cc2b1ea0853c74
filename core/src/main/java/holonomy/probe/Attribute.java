package holonomy.probe;

/** What a latent may speak of. */
public enum Attribute {
    /** Number of markers m of the sequence. */
    MARKERS("m", false),
    /** The marked value; a class. */
    VALUE("value", true),
    /** Index of the marker. */
    INDEX("marker index", false),
    /** Place in the sequence. */
    POSITION("position", false),
    /** The label; a class. */
    LABEL("label", true);

    private final String label;
    private final boolean isClass;

    Attribute(String label, boolean isClass) {
        this.label = label;
        this.isClass = isClass;
    }

    /** As tables name it. */
    public String label() {
        return label;
    }

    /** Whether its numbers are names without an order: then the strength is the correlation ratio, else |Pearson's r|. */
    public boolean isClass() {
        return isClass;
    }

    int[] of(RowLabels labels) {
        return switch (this) {
            case MARKERS -> labels.markers();
            case VALUE -> labels.value();
            case INDEX -> labels.index();
            case POSITION -> labels.position();
            case LABEL -> labels.label();
        };
    }
}
