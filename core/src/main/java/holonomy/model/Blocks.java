package holonomy.model;

import java.util.ArrayList;
import java.util.List;

/** Lists the blocks of an architecture in the order of theta. */
final class Blocks {
    private static final double GPT2_DEVIATION = .02;

    private final Architecture model;
    private final Design design;
    private final List<Block> blocks = new ArrayList<>();
    private int layer = -1;
    private int offset;

    Blocks(Architecture model) {
        this.model = model;
        design = model.design();
    }

    List<Block> all() {
        before();
        for (layer = 0; layer < model.layers(); layer++) {
            layer();
        }
        layer = -1;
        after();
        return blocks;
    }

    /** P, of any number of layers, without listing them. */
    double weightCount() {
        before();
        after();
        double outside = weights();
        blocks.clear();
        layer = 0;
        layer();
        return outside + model.layers() * weights();
    }

    private double weights() {
        return blocks.stream()
                .mapToDouble(block -> (double) block.rows() * block.columns())
                .sum();
    }

    private void before() {
        int d = model.width();
        boolean gpt2 = design.start() == Design.Start.GPT2;
        matrix(Role.TOKEN_EMBEDDING, model.vocabulary(), d, Initial.normal(gpt2 ? GPT2_DEVIATION : 1));
        if (design.positions() == Design.Positions.LEARNED) {
            double deviation = design.start() == Design.Start.ENCODER ? 1 / Math.sqrt(d) : 1;
            matrix(Role.POSITION_EMBEDDING, model.length(), d, Initial.normal(gpt2 ? GPT2_DEVIATION : deviation));
        }
    }

    private void layer() {
        int d = model.width();
        boolean encoder = design.start() == Design.Start.ENCODER;
        Initial projection = encoder ? Initial.uniform(Math.sqrt(6.0 / (d + 3 * d))) : drawn(d);
        Initial bias = encoder ? Initial.ZERO : drawnBias(d);
        norm(Role.ATTENTION_NORM_GAIN, Role.ATTENTION_NORM_BIAS, design.norm() != Design.Norm.NONE);
        linear(Role.QUERY, Role.QUERY_BIAS, d, d, projection, bias);
        linear(Role.KEY, Role.KEY_BIAS, d, d, projection, bias);
        linear(Role.VALUE, Role.VALUE_BIAS, d, d, projection, bias);
        linear(Role.OUTPUT, Role.OUTPUT_BIAS, d, d, drawn(d), bias);
        if (model.hidden() > 0) {
            int hidden = model.hidden();
            norm(Role.MLP_NORM_GAIN, Role.MLP_NORM_BIAS, design.norm() != Design.Norm.NONE);
            if (design.activation() == Design.Activation.SWIGLU) {
                linear(Role.MLP_GATE, Role.MLP_GATE_BIAS, hidden, d, drawn(d), drawnBias(d));
            }
            linear(Role.MLP_IN, Role.MLP_IN_BIAS, hidden, d, drawn(d), drawnBias(d));
            linear(Role.MLP_OUT, Role.MLP_OUT_BIAS, d, hidden, drawn(hidden), drawnBias(hidden));
        }
    }

    private void after() {
        int d = model.width();
        norm(Role.FINAL_NORM_GAIN, Role.FINAL_NORM_BIAS, design.norm().before());
        if (design.head() == Design.Head.OWN) {
            linear(Role.HEAD, Role.HEAD_BIAS, model.classes(), d, drawn(d), drawnBias(d));
        }
    }

    /** Initial values of a matrix with so many columns. */
    private Initial drawn(int fanIn) {
        return design.start() == Design.Start.GPT2
                ? Initial.normal(GPT2_DEVIATION)
                : Initial.uniform(1 / Math.sqrt(fanIn));
    }

    /** Initial values of the bias of such a matrix. */
    private Initial drawnBias(int fanIn) {
        return design.start() == Design.Start.GPT2 ? Initial.ZERO : Initial.uniform(1 / Math.sqrt(fanIn));
    }

    private void norm(Role gain, Role bias, boolean there) {
        if (there) {
            vector(gain, model.width(), Initial.ONE);
            if (design.norm() != Design.Norm.RMS) {
                vector(bias, model.width(), Initial.ZERO);
            }
        }
    }

    private void linear(Role matrix, Role bias, int out, int in, Initial ofMatrix, Initial ofBias) {
        matrix(matrix, out, in, ofMatrix);
        if (design.biases()) {
            vector(bias, out, ofBias);
        }
    }

    private void matrix(Role role, int rows, int columns, Initial initial) {
        add(role, rows, columns, initial, true);
    }

    private void vector(Role role, int size, Initial initial) {
        add(role, size, 1, initial, design.decayed() == Design.Decayed.ALL);
    }

    private void add(Role role, int rows, int columns, Initial initial, boolean decays) {
        String drawnAs = role.in(design.copies() ? Math.min(layer, 0) : layer);
        Initial scaled = initial.times(design.initialScale());
        blocks.add(new Block(role, layer, rows, columns, offset, scaled, drawnAs, decays));
        offset += rows * columns;
    }
}
