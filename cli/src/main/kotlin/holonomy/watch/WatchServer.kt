package holonomy.watch

import com.fasterxml.jackson.databind.ObjectMapper
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import holonomy.data.UserError
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.security.MessageDigest
import java.security.SecureRandom
import java.util.Base64
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import org.slf4j.LoggerFactory

/**
 * Serves one page and the state that it asks for, on the loopback interface only, below a random token: `/TOKEN/` and
 * `/TOKEN/state.json`. It answers GET and HEAD, and only to who names this address as its host, so that no page of
 * another site can read it by a name of its own (DNS rebinding). It takes nothing in.
 *
 * @param port 0: any that is free
 * @param state what the page shows; asked for at each poll, by one thread at a time
 */
internal class WatchServer(private val page: String, private val policy: String, port: Int, state: () -> Any) :
    AutoCloseable {
    private val token = token()
    private val threads: ExecutorService =
        Executors.newFixedThreadPool(THREADS) { Thread(it, "watch").apply { isDaemon = true } }
    private val server: HttpServer = bound(port)
    private val latest = Latest(state)

    /** What a browser is given. */
    val address: URI = URI("http://127.0.0.1:${server.address.port}/$token/")

    init {
        server.executor = threads
        server.createContext("/") { exchange -> exchange.use(::answer) }
        server.start()
    }

    override fun close() {
        server.stop(0)
        threads.shutdownNow()
    }

    private fun answer(exchange: HttpExchange) {
        try {
            when {
                exchange.requestHeaders["Host"]?.singleOrNull() !in hosts ->
                    refuse(exchange, 421, "another host's name")
                !isOurs(exchange.requestURI.path.orEmpty()) ->
                    refuse(exchange, 404, "nothing here; the address has a token")
                exchange.requestMethod !in METHODS -> {
                    exchange.responseHeaders.set("Allow", METHODS.joinToString())
                    refuse(exchange, 405, "this page only shows")
                }
                exchange.requestURI.path == "/$token/" -> send(exchange, 200, "text/html", page.toByteArray())
                else -> send(exchange, 200, "application/json", latest.json())
            }
        } catch (gone: IOException) {
            log.debug("who asked has gone", gone)
        } catch (failure: RuntimeException) {
            log.error("{}", exchange.requestURI.path?.substringAfterLast('/'), failure)
            send(exchange, 500, "text/plain", "the store could not be read: ${failure.message}\n".toByteArray())
        }
    }

    /** Compared in a time that doesn't tell how much of it is right. */
    private fun isOurs(path: String): Boolean =
        listOf("/$token/", "/$token/state.json").map { same(it, path) }.reduce(Boolean::or)

    private fun same(a: String, b: String) = MessageDigest.isEqual(a.toByteArray(), b.toByteArray())

    private fun refuse(exchange: HttpExchange, code: Int, why: String) =
        send(exchange, code, "text/plain", "$why\n".toByteArray())

    private fun send(exchange: HttpExchange, code: Int, type: String, body: ByteArray) {
        val headers = exchange.responseHeaders
        headers.set("Content-Type", "$type; charset=utf-8")
        headers.set("Content-Security-Policy", policy)
        headers.set("Cache-Control", "no-store")
        headers.set("X-Content-Type-Options", "nosniff")
        headers.set("Referrer-Policy", "no-referrer")
        headers.set("Cross-Origin-Resource-Policy", "same-origin")
        val head = exchange.requestMethod == "HEAD"
        exchange.sendResponseHeaders(code, if (head) -1 else body.size.toLong())
        if (!head) exchange.responseBody.write(body)
    }

    private val hosts
        get() = setOf("127.0.0.1", "localhost").map { "$it:${server.address.port}" }

    /** The state of a moment ago serves all who ask within it. */
    private class Latest(private val state: () -> Any) {
        private var made = 0L
        private var bytes = ByteArray(0)

        @Synchronized
        fun json(): ByteArray {
            val now = System.nanoTime()
            if (bytes.isEmpty() || now - made > KEPT_NANOS) {
                bytes = json.writeValueAsBytes(state())
                made = System.nanoTime()
            }
            return bytes
        }
    }

    private companion object {
        const val THREADS = 4
        const val TOKEN_BYTES = 24
        const val KEPT_NANOS = 500_000_000L
        val METHODS = listOf("GET", "HEAD")
        val json = ObjectMapper()
        val log = LoggerFactory.getLogger(WatchServer::class.java)

        fun token(): String {
            val bytes = ByteArray(TOKEN_BYTES).also { SecureRandom().nextBytes(it) }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
        }

        fun bound(port: Int): HttpServer =
            try {
                HttpServer.create(InetSocketAddress(InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1)), port), 0)
            } catch (taken: IOException) {
                throw UserError(
                    "--port: 127.0.0.1:$port can't be listened on (${taken.message}); leave --port out, and a free one is taken"
                )
            }
    }
}

private inline fun HttpExchange.use(block: (HttpExchange) -> Unit) {
    try {
        block(this)
    } finally {
        close()
    }
}
