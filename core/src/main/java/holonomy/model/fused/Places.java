package holonomy.model.fused;

/** Tokens at positions, a column of the embeddings for each. */
interface Places {
    /** Number of them. */
    int count();

    /** Columns of a matrix over them, at least as many. */
    int size();

    int token(int place);

    int position(int place);
}
