package holonomy.cli

import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.watch.WatchPage
import holonomy.watch.WatchServer
import holonomy.watch.Watched
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import picocli.CommandLine.Command
import picocli.CommandLine.Option

/** `holonomy watch`: a page of what a store's runs are doing, until it is stopped. */
@Command(
    name = "watch",
    description = ["Show what the runs of a store are doing, on a page for this machine's browser, until Ctrl-C."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy watch                     prints an address: open it in a browser",
            "  holonomy watch --store DIR         another store, one that other machines train into, too",
            "  holonomy watch --port 8123         the same port each time: for an SSH tunnel,",
            "                                     ssh -L 8123:127.0.0.1:8123 HOST",
            "",
            "The page shows runs in the making with their curves, state and time left, and those that are",
            "finished. It reads the store's files every two seconds while it is open, changes nothing and",
            "needs nothing of who trains. Curves go as far as a run's latest checkpoint, a minute ago at most.",
            "It listens on 127.0.0.1 only and answers to nobody who hasn't the address's token, which is",
            "another one each time. Stop it with Ctrl-C; the runs go on.",
        ],
)
internal class WatchCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(names = ["--store"], paramLabel = "DIR", description = ["The run store; default: runs/ of the checkout."])
    private var store: Path? = null

    @Option(names = ["--port"], paramLabel = "N", description = ["The port to listen on; default: any that is free."])
    private var port = 0

    override fun call(): Int {
        if (port !in 0..MOST) throw UserError("--port: expected a number from 1 to $MOST, found $port")
        val root = (store ?: home.runs).toAbsolutePath().normalize()
        if (Files.exists(root) && !Files.isDirectory(root))
            throw UserError("--store: expected a folder, found a file: $root")
        val watched = Watched(root)
        streams.out.println(Watched.words(watched.state()))
        WatchServer(WatchPage.html(root.toString()), WatchPage.policy, port) { watched.state() }
            .use {
                streams.out.println("Open ${it.address}")
                streams.out.println("Ctrl-C stops it; the runs go on.")
                streams.out.flush()
                CountDownLatch(1).await() // until the process is stopped, or its thread interrupted
            }
        return ExitCode.DONE
    }

    private companion object {
        const val MOST = 65_535
    }
}
