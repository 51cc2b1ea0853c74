package holonomy.model.autograd;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Products with second derivatives from one operation, {@code w' dy/dx} as an array that can be differentiated again.
 *
 * <p>DJL's backward pass can make a graph of the gradient, but leaves it in the weights' own gradient: a cycle of references that the engine never frees. So
 * the engine loads a program of one line, its own {@code torch.grad}, whose result is an array like any other.
 */
final class SecondDerivatives {
    private static final String PROGRAM =
            """
            class Derivative(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Derivative,
                y: Tensor,
                x: Tensor,
                w: Tensor) -> Tensor:
                weights = annotate(Optional[List[Optional[Tensor]]], [w])
                found = torch.grad([y], [x], weights, True, True, False)
                return unchecked_cast(Tensor, found[0])
            """;

    /** An object of that class with {@code training = True}, and an empty tuple, as Python pickles them. */
    private static final String OBJECT = "\u0080\u0002c__torch__\nDerivative\n)\u0081}(X\b\0\0\0training\u0088ub.";

    private static final String NO_CONSTANTS = "\u0080\u0002).";

    private final PtSymbolBlock program;

    /** @param manager closes the program with itself */
    SecondDerivatives(NDManager manager) {
        try {
            program = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive()), false, false);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** {@code sum_i w_i dy_i/dx}, in x's shape; belongs to y's manager. Gradient mode must be on. */
    private PtNDArray of(PtNDArray y, PtNDArray x, PtNDArray w) {
        return (PtNDArray)
                IValueUtils.forward(program, new NDList(y, x, w), true).get(0);
    }

    /** H v of a loss, {@code d/dtheta (v' dloss/dtheta)}, [P]. */
    PtNDArray hessianTimes(PtNDArray loss, PtNDArray theta, PtNDArray v) {
        return of(of(loss, theta, (PtNDArray) loss.onesLike()), theta, v);
    }

    /**
     * J' D J v, [P]. J'u is linear in u, so its derivative in u along v is J v.
     *
     * @param logits of theta, [B R, C]
     * @param loss of logits
     */
    PtNDArray gaussNewtonTimes(PtNDArray logits, PtNDArray theta, UnaryOperator<PtNDArray> loss, PtNDArray v) {
        PtNDArray u = leaf((PtNDArray) logits.zerosLike());
        PtNDArray turned = of(of(logits, theta, u), u, v); // J v [B R, C]
        PtNDArray free = leaf(JniUtils.detachGradient(logits));
        return of(logits, theta, hessianTimes(loss.apply(free), free, JniUtils.detachGradient(turned)));
    }

    private static PtNDArray leaf(PtNDArray values) {
        values.setRequiresGradient(true);
        return values;
    }

    private static byte[] archive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            add(zip, "data.pkl", OBJECT);
            add(zip, "code/__torch__.py", PROGRAM);
            add(zip, "constants.pkl", NO_CONSTANTS);
            add(zip, "version", "3\n");
        }
        return bytes.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, String content) throws IOException {
        zip.putNextEntry(new ZipEntry("derivative/" + name));
        zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
        zip.closeEntry();
    }
}
