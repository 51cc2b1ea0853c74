package holonomy.store

import holonomy.model.ComputeDevice
import holonomy.product.ProductLibrary
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Path
import kotlin.io.path.writeText

private fun git(folder: Path, vararg arguments: String) {
    val identity = arrayOf("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    val process =
        ProcessBuilder("git", *identity, *arguments).directory(folder.toFile()).redirectErrorStream(true).start()
    val said = process.inputStream.bufferedReader().readText()
    check(process.waitFor() == 0) { said }
}

class ProvenanceTest :
    FreeSpec({
        "the machine and the versions" {
            val found = Provenance.collect(Path.of("."))
            found["holonomy"].asText() shouldMatch Regex("""\d+\.\d+\.\d+.*""")
            found["java"].asText().isBlank() shouldBe false
            found["cores"].asInt() shouldBe Runtime.getRuntime().availableProcessors()
            found["cpu"].asText().isBlank() shouldBe false
        }

        "what the bytes depend on: the products' library, its version and kernel, the processor; nothing on a GPU" {
            val found = Provenance.products(ComputeDevice.CPU)
            val chosen = ProductLibrary.chosen()
            found["library"].asText() shouldBe chosen.library()
            found["version"].asText() shouldMatch Regex("""\d+\.\d+\.\d+.*""")
            found.path("kernel").asText() shouldBe chosen.kernel().orElse("")
            found["processor"].asText() shouldBe chosen.processor()
            Provenance.products(ComputeDevice.CUDA).isEmpty shouldBe true
        }

        "a git tree, clean and changed" {
            val folder = tempdir().toPath()
            Provenance.collect(folder).has("git") shouldBe false
            git(folder, "init", "-q")
            folder.resolve("a").writeText("1")
            git(folder, "add", "a")
            git(folder, "commit", "-qm", "a")
            val clean = Provenance.collect(folder)["git"]
            clean["revision"].asText() shouldMatch Regex("[0-9a-f]{40}")
            clean["dirty"].asBoolean() shouldBe false
            folder.resolve("a").writeText("2")
            val dirty = Provenance.collect(folder)["git"]
            dirty["revision"] shouldBe clean["revision"]
            dirty["dirty"].asBoolean() shouldBe true
        }
    })
