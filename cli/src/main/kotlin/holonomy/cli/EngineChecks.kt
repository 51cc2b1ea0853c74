package holonomy.cli

import ai.djl.Device
import ai.djl.engine.Engine
import ai.djl.ndarray.NDManager
import java.io.File

/** Loads the engine's native library and multiplies two matrices whose product is known. */
internal fun checkEngine(): Check =
    Check.of("engine", "look at the log; delete ~/.djl.ai/pytorch and try again; check free disk and memory") {
        requireNativeLibrary()
        val engine = Engine.getEngine("PyTorch")
        val product = smallProduct(engine)
        val version =
            "PyTorch ${engine.version}, ${if (engine.hasCapability("CUDA")) "CUDA" else "CPU"} library, ${platform()}"
        if (product.contentEquals(PRODUCT)) Check("engine", Verdict.OK, "$version; a matrix product is right")
        else
            Check(
                "engine",
                Verdict.PROBLEM,
                "$version; a product is ${product.toList()}, expected ${PRODUCT.toList()}",
                WRONG_ARITHMETIC,
            )
    }

private fun smallProduct(engine: Engine): FloatArray =
    NDManager.newBaseManager(Device.cpu(), engine.engineName).use { manager ->
        val a = manager.create(floatArrayOf(1f, 2f, 3f, 4f), ai.djl.ndarray.types.Shape(2, 2))
        a.matMul(a).toFloatArray()
    }

private val PRODUCT = floatArrayOf(7f, 10f, 15f, 22f)

private const val WRONG_ARITHMETIC = "the native library computes wrongly on this machine; report it with the log"

/** Whether a CUDA device is seen, or why not. */
internal fun checkDevice(): Check =
    Check.of("device", "run on the CPU: --device cpu") {
        val engine = Engine.getEngine("PyTorch")
        val driver = File("/proc/driver/nvidia/version").exists()
        when {
            engine.gpuCount > 0 ->
                Check("device", Verdict.OK, "cuda: ${engine.gpuCount} device(s) seen; --device auto uses them")
            driver ->
                Check(
                    "device",
                    Verdict.WARNING,
                    "cpu: there is an NVIDIA driver, but the loaded library is a CPU build",
                    INSTALL_CUDA,
                )
            else -> Check("device", Verdict.OK, "cpu: no NVIDIA driver on this machine")
        }
    }

private const val INSTALL_CUDA = "set PYTORCH_LIBRARY_PATH to the lib folder of a CUDA libtorch (README, 'Device')"
