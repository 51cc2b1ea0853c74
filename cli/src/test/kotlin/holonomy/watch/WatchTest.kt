package holonomy.watch

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.cli.Commands
import holonomy.data.Identity
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.net.InetSocketAddress
import java.net.Socket
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The server and what it says of a store in which a real run trains. */
class WatchTest :
    FreeSpec({
        val json = ObjectMapper()

        fun served(root: Path, port: Int = 0): WatchServer {
            val watched = Watched(root)
            return WatchServer(WatchPage.html(root.toString()), WatchPage.policy, port) { watched.state() }
        }

        fun state(root: Path): JsonNode = json.valueToTree(Watched(root).state())

        "a store that isn't there, and an empty one, say so and what to do" {
            val missing = tempdir().toPath().resolve("nowhere")
            state(missing)["none"].asText() shouldContain "There is no folder $missing yet. Start a run"
            Files.exists(missing) shouldBe false
            state(tempdir().toPath())["none"].asText() shouldContain "There is no run in"
        }

        "a run in the making: state, step, time left, curves as far as its checkpoint; a finished one; then both finished" {
            val root = tempdir().toPath().resolve("runs")
            Training(root).use { training ->
                training.untilItStands()
                val now = state(root)
                now["none"].asText() shouldBe ""
                now["counts"].asText() shouldBe "1 complete, 1 training"
                val run = now["open"].single()
                run["id"].asText() shouldBe Identity.shortened(training.ids[1])
                run["experiment"].asText() shouldBe "watched"
                run["state"].asText() shouldBe "training"
                run["seed"].asText() shouldBe "2"
                run["step"].asLong() shouldBe Training.AT - 1
                run["steps"].asLong() shouldBe 20
                run["left"].asText() shouldMatch "about [0-9:]+s? left"
                run["loss"].asDouble().shouldBeBetween(0.1, 10.0, 0.0)
                run["curves"].map { it["name"].asText() } shouldContainExactly listOf("accuracy", "loss")
                val lines = run["curves"][0]["lines"]
                lines.map { it["name"].asText() } shouldContainExactly listOf("m = 1", "m = 2")
                lines.forEach { line -> line["points"].map { it[0].asLong() } shouldContainExactly listOf(0L, 5L, 10L) }
                now["finished"].single()["id"].asText() shouldBe Identity.shortened(training.ids[0])
                now["notices"].shouldBeEmpty()

                training.toItsEnd()
                val then = state(root)
                then["open"].shouldBeEmpty()
                then["counts"].asText() shouldBe "2 complete"
                then["finished"].map { it["step"].asText() } shouldContainExactly listOf("20", "20")
            }
        }

        "a checkpoint that is damaged is named, and the rest goes on" {
            val root = tempdir().toPath().resolve("runs")
            Training(root).use { training ->
                training.untilItStands()
                val rows =
                    Files.walk(root.resolve(training.ids[1])).use { all ->
                        all.filter { "checkpoint" in it.toString() && it.toString().endsWith(".parquet") }.toList()
                    }
                val bytes = Files.readAllBytes(rows.single())
                bytes[bytes.size / 2] = (bytes[bytes.size / 2] + 1).toByte()
                Files.write(rows.single(), bytes)
                val now = state(root)
                now["notices"].single().asText() shouldContain "not what it was when the checkpoint was written"
                now["finished"] shouldHaveSize 1
                now["open"].single()["curves"].shouldBeEmpty()
            }
        }

        "served: the page and the state to who has address and token, nothing to anybody else" {
            val root = tempdir().toPath()
            served(root).use { server ->
                val address = server.address
                address.host shouldBe "127.0.0.1"
                val token = address.path.trim('/')
                token.length shouldBe 32
                served(root).use { it.address.path shouldNotBe address.path }

                fun ask(path: String, method: String = "GET", host: String = "127.0.0.1:${address.port}") =
                    request(
                        address,
                        "$method $path HTTP/1.1\r\nHost: $host\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    )

                val page = ask(address.path)
                page shouldStartWith "HTTP/1.1 200"
                page shouldContain "<h1>Runs</h1>"
                page.lowercase() shouldContain "content-security-policy: ${WatchPage.policy.lowercase()}"
                page.lowercase() shouldContain "cache-control: no-store"
                ask(address.path + "state.json") shouldContain "\"store\":\"$root\""
                ask(address.path, host = "localhost:${address.port}") shouldStartWith "HTTP/1.1 200"
                ask(address.path, "HEAD").let {
                    it shouldStartWith "HTTP/1.1 200"
                    it shouldNotContain "<h1>"
                }
                for (path in
                    listOf(
                        "/",
                        "/state.json",
                        "/${token.dropLast(1)}x/",
                        "/$token",
                        "/$token/../$token/",
                        "/$token/x",
                    )) {
                    ask(path) shouldStartWith "HTTP/1.1 404"
                    ask(path) shouldNotContain token
                }
                for (method in listOf("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
                    ask(address.path, method) shouldStartWith "HTTP/1.1 405"
                    ask(address.path + "state.json", method).lowercase() shouldContain "allow: get, head"
                }
                for (host in listOf("evil.example", "evil.example:${address.port}", "127.0.0.1", "127.0.0.1:1")) {
                    ask(address.path, host = host) shouldStartWith "HTTP/1.1 421"
                }
            }
        }

        "nothing of the store is changed by looking" {
            val root = tempdir().toPath().resolve("runs")
            Training(root).use { training ->
                training.untilItStands()
                training.toItsEnd()
                state(root)
                val before = files(root)
                served(root).use { URI(it.address.toString() + "state.json").toURL().readText() }
                files(root) shouldBe before
            }
        }

        "the command says what it shows, prints the address, and ends at Ctrl-C; a wrong port or store is a mistake" {
            val home = tempdir()
            val said = File(home, "said")
            val process =
                ProcessBuilder(
                        // A shell's background job ignores Ctrl-C, and so does what it starts.
                        listOf("env", "--default-signal=INT") +
                            listOf(ProcessHandle.current().info().command().get(), "-Djava.awt.headless=true") +
                            listOf("-Dholonomy.root=$home", "-cp", System.getProperty("java.class.path")) +
                            listOf("holonomy.cli.MainKt", "watch")
                    )
                    .redirectErrorStream(true)
                    .start()
            try {
                val lines = process.inputReader()
                val first = generateSequence { lines.readLine() }.takeWhile { !it.startsWith("Ctrl-C") }.toList()
                first.first { it.startsWith("There is no") } shouldContain "./holonomy run collapse"
                val address = first.single { it.startsWith("Open ") }.removePrefix("Open ")
                URI(address).toURL().readText() shouldContain "<h1>Runs</h1>"
                ProcessBuilder("kill", "-INT", process.pid().toString()).start().waitFor()
                process.waitFor(120, TimeUnit.SECONDS) shouldBe true
                process.exitValue() shouldBe 130
                lines.readText() shouldBe ""
            } finally {
                process.destroyForcibly()
            }
            val holonomy = Commands(home.toPath())
            holonomy("watch", "--port", "70000").err shouldContain
                "--port: expected a number from 1 to 65535, found 70000"
            said.writeText("")
            holonomy("watch", "--store", said.path).err shouldContain "--store: expected a folder, found a file: $said"
            served(home.toPath()).use {
                val taken = it.address.port
                holonomy("watch", "--port", "$taken").err shouldContain "--port: 127.0.0.1:$taken can't be listened on"
            }
            holonomy("watch", "--help").out shouldContain "ssh -L 8123:127.0.0.1:8123 HOST"
        }
    })

/** One request as it is written, and all of the answer. */
private fun request(address: URI, text: String): String =
    Socket().use {
        it.connect(InetSocketAddress(address.host, address.port))
        it.getOutputStream().write(text.toByteArray())
        it.getInputStream().readAllBytes().decodeToString()
    }

private fun files(root: Path): Map<String, String> =
    Files.walk(root).use { all ->
        all.filter(Files::isRegularFile).toList().associate {
            root.relativize(it).toString() to "${Files.getLastModifiedTime(it)} ${holonomy.data.Sha256.of(it)}"
        }
    }
