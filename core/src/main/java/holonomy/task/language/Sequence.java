package holonomy.task.language;

import java.util.Arrays;

/**
 * A window of T + 1 tokens, and what is asked in it.
 *
 * @param tokens [T + 1]
 * @param real tokens before the end-of-text tokens that fill the window; later ones are never asked
 * @param probe place of the codeword that is asked; 0 if none
 */
record Sequence(int[] tokens, int real, int probe) {
    /** The first tokens that a window holds, filled up. */
    static Sequence of(int[] all, int window, int endOfText, int probe) {
        int[] tokens = Arrays.copyOf(all, window);
        int real = Math.min(all.length, window);
        Arrays.fill(tokens, real, window, endOfText);
        return new Sequence(tokens, real, probe);
    }
}
