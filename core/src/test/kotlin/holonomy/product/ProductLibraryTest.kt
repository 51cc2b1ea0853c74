package holonomy.product

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.file.Path
import java.util.Optional
import kotlin.io.path.writeText

private val AVX2 = setOf("avx2", "fma")
private val AVX512 = AVX2 + setOf("avx512f", "avx512bw", "avx512dq", "avx512vl")

/** Multiplies two matrices with this process's library and says which one it is. */
internal object ProductProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        ComputeDevice.engine().newBaseManager(ComputeDevice.CPU.device()).use { manager ->
            val a = Matrix(manager, 37, 64)
            val b = Matrix(manager, 64, 129)
            val c = Matrix(manager, 37, 129)
            for (matrix in listOf(a, b)) {
                val count = matrix.rows() * matrix.columns()
                matrix.putRows(0, matrix.rows(), FloatArray(count) { kotlin.math.sin(it.toFloat()) }, 0)
            }
            val chosen = ProductLibrary.chosen()
            chosen.products().multiply(a, b, c)
            val values = FloatArray(37 * 129).also { c.getRows(0, 37, it, 0) }
            println(listOf(chosen.label(), chosen.problem().orElse(""), values.contentHashCode()).joinToString("|"))
        }
    }
}

private class Said(val label: String, val problem: String, val figures: String, val log: List<String>)

private fun process(vararg options: String, core: String? = null): Said {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val common = listOf("-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=1")
    val program = listOf("-cp", System.getProperty("java.class.path"), ProductProcess::class.java.name)
    val builder = ProcessBuilder(listOf(java) + common + options + program).redirectErrorStream(true)
    builder.environment().remove("OPENBLAS_CORETYPE")
    core?.let { builder.environment()["OPENBLAS_CORETYPE"] = it }
    val process = builder.start()
    val lines = process.inputStream.bufferedReader().readLines()
    withClue(lines.joinToString("\n")) { process.waitFor() shouldBe 0 }
    val (label, problem, figures) = lines.single { it.count { c -> c == '|' } == 2 }.split("|")
    return Said(label, problem, figures, lines.filter { "matrix products by the engine" in it })
}

class ProductLibraryTest :
    FreeSpec({
        "which kernels a processor can run" -
            {
                fun problem(features: Set<String>, forced: String, x86: Boolean = true) =
                    Kernels.problem(x86, features, forced).orElse(null)
                "with AVX2" {
                    problem(AVX2, "") shouldBe null
                    problem(AVX2, "Haswell") shouldBe null
                    problem(AVX2, "zen") shouldBe null
                    problem(AVX512, "SkylakeX") shouldBe null
                }
                "without" {
                    problem(setOf("sse2", "avx"), "") shouldBe "this processor has no AVX2"
                    problem(setOf("sse2", "avx"), "Haswell") shouldBe "this processor has no AVX2"
                }
                "forced to one that it lacks the instructions for: it would end the JVM" {
                    problem(AVX2, "SkylakeX") shouldBe
                        "OPENBLAS_CORETYPE=SkylakeX needs a processor with avx512f, avx512bw, avx512dq, avx512vl"
                    problem(AVX512, "Cooperlake") shouldBe
                        "OPENBLAS_CORETYPE=Cooperlake needs a processor with avx512_bf16"
                    problem(setOf(), "NEOVERSEV1", x86 = false) shouldBe
                        "OPENBLAS_CORETYPE=NEOVERSEV1 needs a processor with sve"
                }
                "forced to an unknown or a slow one" {
                    for (name in listOf("Nehalem", "x")) {
                        problem(AVX2, name) shouldBe
                            "OPENBLAS_CORETYPE=$name is not one of Cooperlake, Haswell, SapphireRapids, SkylakeX, Zen"
                    }
                }
                "not an x86 processor" {
                    problem(setOf("asimd"), "", x86 = false) shouldBe null
                    problem(setOf("asimd"), "ARMV8", x86 = false) shouldBe null
                }
            }
        "the choice" -
            {
                fun decide(choice: String = "", forced: String? = null, opener: () -> ProductLibrary.Candidate) =
                    ProductLibrary.decide(choice, Optional.ofNullable(forced), opener)
                val right = EngineProducts()
                val kernel = if (Processor.isX86()) "Zen" else "ARMV8"
                fun candidate(products: Products = right) = ProductLibrary.Candidate(products, "1.2", kernel)

                "an OpenBLAS that is right" {
                    decide { candidate() }.label() shouldBe "OpenBLAS 1.2, kernel $kernel"
                    decide(forced = kernel) { candidate() }.label() shouldBe
                        "OpenBLAS 1.2, kernel $kernel (forced by OPENBLAS_CORETYPE)"
                }
                "one that computes wrongly" {
                    val wrong = Faulty(right) { _, _, c -> c.put(0, 0, floatArrayOf(9f), 1) }
                    val chosen = decide { candidate(wrong) }
                    chosen.library() shouldBe "PyTorch"
                    chosen.problem().get() shouldMatch
                        "its product of \\[1, 1] and \\[1, 1] is wrong by \\S+ of the largest entry"
                }
                "one that took another kernel than was asked for" {
                    decide(forced = "Other") { candidate() }.problem().get() shouldBe
                        "OPENBLAS_CORETYPE=Other asks for a kernel that this library lacks; it took $kernel"
                }
                "one that can't be opened, unless it was asked for" {
                    val failing = { throw IOException("the disk\n is full") }
                    decide { failing() }.problem().get() shouldBe "the disk is full"
                    shouldThrow<UserError> { decide("openblas") { failing() } }.message shouldBe
                        "-Dholonomy.products=openblas: OpenBLAS can't be used: the disk is full"
                }
                "the engine, asked for" {
                    val chosen = decide("engine") { candidate() }
                    chosen.label() shouldMatch "PyTorch \\S+"
                    chosen.problem().isEmpty shouldBe true
                }
                "a word that means nothing" {
                    shouldThrow<UserError> { decide("mkl") { candidate() } }.message shouldBe
                        "-Dholonomy.products: expected openblas or engine, found 'mkl'"
                }
            }
        "in a process of its own, what can't be used gives the engine's figures, one line in the log and no more" {
            val engine = process("-Dholonomy.products=engine")
            engine.label shouldStartWith "PyTorch"
            engine.log shouldBe listOf()
            val text = tempdir().toPath().resolve("libopenblas.so.0").also { it.writeText("not a library") }
            val cases =
                listOf(
                    "Unable to load library '$text'" to process("-Dholonomy.openblas=$text"),
                    "OPENBLAS_CORETYPE=Nonesuch is not one of" to process(core = "Nonesuch"),
                )
            for ((problem, said) in cases) {
                said.label shouldBe engine.label
                said.problem shouldStartWith problem
                said.figures shouldBe engine.figures
                said.log.single() shouldMatch Regex(".*OpenBLAS can't be used: \\Q${said.problem}\\E")
            }
        }
        "a kernel forced from outside is honoured and named" {
            if (Processor.isX86() && Processor.features().containsAll(AVX2)) {
                process(core = "Haswell").label shouldMatch
                    Regex("OpenBLAS \\S+, kernel Haswell \\(forced by OPENBLAS_CORETYPE\\)")
            }
        }
    })
