package holonomy.model

import ai.djl.engine.Engine
import holonomy.Reference
import io.kotest.core.Tag
import io.kotest.core.annotation.EnabledCondition
import io.kotest.core.annotation.EnabledIf
import io.kotest.core.spec.Spec
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import kotlin.reflect.KClass

/** Tests that need a GPU. */
object Gpu : Tag()

/** Whether the engine sees a GPU. */
class GpuSeen : EnabledCondition {
    override fun evaluate(kclass: KClass<out Spec>): Boolean = Engine.getEngine("PyTorch").gpuCount > 0
}

/** A GPU's float32 sums in another order than the reference's. */
private const val GPU_TOLERANCE = 1e-4

@EnabledIf(GpuSeen::class)
class GpuTest :
    FreeSpec({
        tags(Gpu)

        Reference.cases("model-").forEach { case ->
            "${case.name.substringAfterLast('/')} on CUDA: logits and gradient" {
                val model = referenceModel(case.config, case)
                val theta = referenceTheta(model, case)
                model.open(ComputeDevice.CUDA).use { network ->
                    val batch = referenceBatch(case, "x", "y")
                    Reference.relativeError(
                        network.logits(theta, batch),
                        case.tensor("logits").floats(),
                    ) shouldBeLessThan GPU_TOLERANCE
                    val gradient = FloatArray(theta.size)
                    network.gradient(theta, batch, gradient)
                    for (block in model.layout().blocks().filter { it.role() != Role.KEY_BIAS }) {
                        val ours = gradient.copyOfRange(block.offset(), block.offset() + block.size())
                        Reference.relativeError(ours, case.tensor("grad." + block.name()).floats()) shouldBeLessThan
                            GPU_TOLERANCE
                    }
                }
            }
        }
    })
