package holonomy.analysis;

import holonomy.data.UserError;
import holonomy.geometry.NoiseWalk;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A training's schedule as a text file: the learning rate of each step on a line of its own, the first step's first. */
public final class RateFile {
    private RateFile() {}

    /**
     * What weights do that learn nothing under such a schedule.
     *
     * @param decay decoupled weight decay; a step shrinks the weights by 1 - decay x rate
     * @throws UserError if it can't be read, or a line is no number
     */
    public static NoiseWalk walk(Path file, double decay) {
        List<String> lines = lines(file);
        double[] rates = new double[lines.size()];
        for (int i = 0; i < rates.length; i++) {
            try {
                rates[i] = Double.parseDouble(lines.get(i).strip());
            } catch (NumberFormatException e) {
                throw new UserError(
                        "schedule " + file + ", line " + (i + 1) + ": expected the learning rate of step " + (i + 1)
                                + ", found '" + lines.get(i) + "'; write one number a line, without a heading",
                        e);
            }
        }
        return NoiseWalk.of(rates, decay);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw new UserError(
                    "schedule " + file + ": expected a text of one learning rate a line, found other bytes", e);
        } catch (IOException e) {
            throw new UserError(
                    "schedule " + file + " cannot be read (" + e.getClass().getSimpleName()
                            + "); give a text file with the learning rate of each step on a line",
                    e);
        }
    }
}
