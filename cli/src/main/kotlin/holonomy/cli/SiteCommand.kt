package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.VERSION
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.requireWritable
import holonomy.site.Links
import holonomy.site.Site
import holonomy.site.setForgottenAnchors
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option

/** `holonomy site`: the documentation as static pages. */
@Command(
    name = "site",
    description = ["Make the documentation as static pages, with the API, to read offline or to put on a server."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy site                  everything, into out/site/; open index.html there",
            "  holonomy site --no-api         the texts alone, in a second",
            "  holonomy site --to DIR",
            "",
            "README, docs/, the verdicts, each page with all others at its side; pictures and files that they",
            "link are copied. A link or an anchor that leads to nothing, the API's pages included, is an error. The API",
            "(Kotlin and Java, by Dokka) takes Maven half a minute, and internet the first time.",
        ],
)
internal class SiteCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(
        names = ["--to"],
        paramLabel = "DIR",
        description = ["Where the pages go; default: out/site/ of the checkout."],
    )
    private var to: Path? = null

    @Option(names = ["--no-api"], description = ["Leave the API out."]) private var noApi = false

    override fun call(): Int {
        val root = home.root.toAbsolutePath().normalize()
        if (!Files.isDirectory(root.resolve("docs"))) {
            throw UserError("site: expected the checkout's docs/ in $root, found none; call ./holonomy of a checkout")
        }
        val folder = (to ?: home.out.resolve("site")).toAbsolutePath().normalize()
        requireWritable("--to", folder)
        val api = if (noApi) null else reference(folder) ?: return ExitCode.BUG
        val first = Site(root, VERSION).write(folder, api)
        val followed = Links(folder).follow(listOf(folder.relativize(first).toString()) + searched(api))
        streams.out.println(
            "Pages: $first (${followed.pages} pages, all ${followed.links} links between them followed)"
        )
        return ExitCode.DONE
    }

    /** What Dokka's script loads into its pages: their navigation, and the list of what can be searched for. */
    private fun searched(api: String?) =
        if (api == null) emptyList() else listOf("$API/navigation.html", "$API/scripts/pages.json")

    /** Has Maven make the API's pages; their first one relative to [folder], or null where it failed. */
    private fun reference(folder: Path): String? {
        val log = home.log.resolveSibling("site.log").toFile().apply { parentFile.mkdirs() }
        val command =
            listOf(System.getProperty("holonomy.maven") ?: "mvn", "-B", "-q", "-Dstyle.color=never", "-Papi") +
                listOf("-Dmaven.main.skip=true", "-Dapi.folder=${folder.resolve(API)}") +
                listOf("-pl", "core,dsl", "process-classes")
        streams.out.println("The API, by Dokka: half a minute or more (log: $log)")
        streams.out.flush()
        val process =
            ProcessBuilder(command)
                .directory(home.root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .redirectInput(ProcessBuilder.Redirect.from(java.io.File("/dev/null")))
                .start()
        Runtime.getRuntime().addShutdownHook(Thread(process::destroy))
        if (process.waitFor() == 0 && Files.isRegularFile(folder.resolve("$API/index.html"))) {
            setForgottenAnchors(folder.resolve(API).toFile())
            return "$API/index.html"
        }
        streams.err.println("holonomy: the API could not be made: see $log; --no-api makes the texts alone")
        return null
    }

    private companion object {
        const val API = "api"
    }
}
