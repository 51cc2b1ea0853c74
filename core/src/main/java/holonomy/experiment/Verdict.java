package holonomy.experiment;

/** What became of a claim. */
public enum Verdict {
    REPLICATED("replicated"),
    NOT_REPLICATED("not replicated"),
    INCONCLUSIVE("inconclusive");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    /** As it is printed. */
    public String words() {
        return words;
    }
}
