package holonomy.geometry;

/** What is taken away from the snapshots before their spectrum: three different numbers, so every spectrum names its own. */
public enum Centring {
    /** {@code w_i - mean_j w_j}: the principal components proper; eigenvalues of [n, n], of which one is zero. */
    CENTRED("centred") {
        @Override
        SymmetricMatrix of(Gram gram) {
            return gram.displacements().doublyCentred();
        }
    },
    /** {@code w_i - w_0}, uncentred, i from 1: [n - 1, n - 1], without the zero row of the start. */
    FROM_START("from start") {
        @Override
        SymmetricMatrix of(Gram gram) {
            return gram.displacements().principal(1, gram.snapshots());
        }
    },
    /** {@code (w_i - w_0)/|w_i - w_0|}, i from 1: every snapshot counts alike. Undefined when a snapshot equals the first one. */
    ROW_NORMALISED("row-normalised") {
        @Override
        SymmetricMatrix of(Gram gram) {
            return SymmetricMatrix.of(
                    gram.snapshots() - 1,
                    (i, j) -> gram.get(i + 1, j + 1)
                            / (Math.sqrt(gram.get(i + 1, i + 1)) * Math.sqrt(gram.get(j + 1, j + 1))));
        }
    };

    private final String label;

    Centring(String label) {
        this.label = label;
    }

    /** The word for tables and figures, for instance {@code centred}. */
    public String label() {
        return label;
    }

    /** The Gram matrix of the rows so treated; asked for n of at least 1. */
    abstract SymmetricMatrix of(Gram gram);
}
