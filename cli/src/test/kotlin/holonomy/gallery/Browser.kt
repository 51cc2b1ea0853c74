package holonomy.gallery

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.WebSocket
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.absolutePathString

/**
 * A headless Chromium with one page, spoken to by the Chrome DevTools Protocol; it loads files and pages of this
 * machine only.
 */
class Browser private constructor(private val process: Process, private val profile: Path, address: String) :
    AutoCloseable {
    private val json = ObjectMapper()
    private val asked = ConcurrentHashMap<Int, CompletableFuture<JsonNode>>()
    private val events = ConcurrentHashMap<String, CompletableFuture<JsonNode>>()
    private val last = AtomicInteger()

    /** What the page, its script or its policy complained of, and what was logged. */
    val messages = CopyOnWriteArrayList<String>()

    private val socket: WebSocket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(URI(address), Listener()).get(PATIENCE, SECONDS)

    init {
        listOf("Page.enable", "Runtime.enable", "Log.enable").forEach { ask(it) }
    }

    /** Opens a page in a window of this size and waits until it is loaded. */
    fun open(page: Path, width: Int = 1280, height: Int = 900, dark: Boolean = false) =
        open(page.toUri(), width, height, dark)

    fun open(page: URI, width: Int = 1280, height: Int = 900, dark: Boolean = false) {
        val size = mapOf("width" to width, "height" to height, "deviceScaleFactor" to 1, "mobile" to (width < 600))
        ask("Emulation.setDeviceMetricsOverride", size)
        val scheme = mapOf("name" to "prefers-color-scheme", "value" to if (dark) "dark" else "light")
        ask("Emulation.setEmulatedMedia", mapOf("features" to listOf(scheme)))
        val loaded = CompletableFuture<JsonNode>().also { events["Page.loadEventFired"] = it }
        ask("Page.navigate", mapOf("url" to page.toString()))
        loaded.get(PATIENCE, SECONDS)
    }

    /** The value of an expression in the page; promises are awaited. */
    fun value(expression: String): JsonNode {
        val asked = mapOf("expression" to expression, "returnByValue" to true, "awaitPromise" to true)
        val answer = ask("Runtime.evaluate", asked)
        check(!answer.has("exceptionDetails")) { "$expression: ${answer["exceptionDetails"]}" }
        return answer["result"].path("value")
    }

    /** Scrolls to what an expression gives, and says where its middle is on the screen. */
    fun middle(element: String): Pair<Double, Double> {
        val at =
            value(
                "(() => { const e = $element; e.scrollIntoView({block: 'center', behavior: 'instant'});" +
                    " const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; })()"
            )
        return at[0].asDouble() to at[1].asDouble()
    }

    fun hover(element: String) = mouse("mouseMoved", middle(element), 0)

    fun click(element: String) {
        val at = middle(element)
        mouse("mouseMoved", at, 0)
        mouse("mousePressed", at, 1)
        mouse("mouseReleased", at, 1)
    }

    fun press(key: String) {
        for (type in listOf("keyDown", "keyUp")) ask("Input.dispatchKeyEvent", mapOf("type" to type, "key" to key))
    }

    /** What is on the screen, as a PNG. */
    fun picture(): ByteArray =
        java.util.Base64.getDecoder().decode(ask("Page.captureScreenshot", mapOf("format" to "png"))["data"].asText())

    override fun close() {
        socket.abort()
        val all = process.descendants().toList() + process.toHandle() // the program may be a script that starts it
        all.forEach { it.destroyForcibly() }
        all.forEach { it.onExit().get(PATIENCE, SECONDS) }
        profile.toFile().deleteRecursively()
    }

    private fun mouse(type: String, at: Pair<Double, Double>, clicks: Int) {
        val event =
            mapOf("type" to type, "x" to at.first, "y" to at.second, "button" to if (clicks > 0) "left" else "none")
        ask("Input.dispatchMouseEvent", event + ("clickCount" to clicks))
    }

    private fun ask(method: String, parameters: Map<String, Any> = mapOf()): JsonNode {
        val id = last.incrementAndGet()
        val answer = CompletableFuture<JsonNode>().also { asked[id] = it }
        socket.sendText(json.writeValueAsString(mapOf("id" to id, "method" to method, "params" to parameters)), true)
        val whole = answer.get(PATIENCE, SECONDS)
        check(!whole.has("error")) { "$method: ${whole["error"]}" }
        return whole["result"]
    }

    private inner class Listener : WebSocket.Listener {
        private val text = StringBuilder()

        override fun onText(socket: WebSocket, data: CharSequence, last: Boolean): CompletionStage<*>? {
            text.append(data)
            if (last) {
                hear(json.readTree(text.toString()))
                text.clear()
            }
            socket.request(1)
            return null
        }

        private fun hear(message: JsonNode) {
            if (message.has("id")) asked.remove(message["id"].asInt())?.complete(message)
            val method = message.path("method").asText()
            events[method]?.complete(message)
            if (method in listOf("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"))
                messages += message["params"].toString()
        }
    }

    companion object {
        private const val PATIENCE = 120L
        private val SECONDS = TimeUnit.SECONDS
        private val NAMES =
            listOf("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

        /** The program, if this machine has one. */
        val program: Path? by lazy {
            val folders = System.getenv("PATH").orEmpty().split(java.io.File.pathSeparator).map { Path.of(it) }
            NAMES.flatMap { name -> folders.map { it.resolve(name) } }.firstOrNull { Files.isExecutable(it) }
        }

        fun start(): Browser {
            val profile = Files.createTempDirectory("holonomy-browser")
            val options =
                listOf("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars") +
                    listOf("--disable-background-networking", "--remote-debugging-port=0") +
                    "--user-data-dir=${profile.absolutePathString()}"
            val process = ProcessBuilder(listOf(program.toString()) + options + "about:blank").start()
            val port = port(process)
            val tabs = HttpRequest.newBuilder(URI("http://127.0.0.1:$port/json/list")).build()
            val answer = HttpClient.newHttpClient().send(tabs, HttpResponse.BodyHandlers.ofString()).body()
            val page = ObjectMapper().readTree(answer).first { it["type"].asText() == "page" }
            return Browser(process, profile, page["webSocketDebuggerUrl"].asText())
        }

        /** The port that it says it listens on; what else it says is read to its end, so that it never waits for us. */
        private fun port(process: Process): Int {
            val found = CompletableFuture<Int>()
            val reader = Thread {
                process.errorStream.bufferedReader().forEachLine { line ->
                    Regex("""DevTools listening on ws://[^:]+:(\d+)/""").find(line)?.let {
                        found.complete(it.groupValues[1].toInt())
                    }
                }
                found.completeExceptionally(IllegalStateException("the browser ended before it listened"))
            }
            reader.isDaemon = true
            reader.start()
            return found.get(PATIENCE, SECONDS)
        }
    }
}
