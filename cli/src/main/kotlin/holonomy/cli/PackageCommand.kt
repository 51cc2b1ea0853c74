package holonomy.cli

import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.text.size
import java.io.File
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option

/** `holonomy package`: Holonomy as one jar that spark-submit takes. */
@Command(
    name = "package",
    description = ["Make one jar of Holonomy and all it needs beside Spark, natives included, for spark-submit."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy package",
            "  jar=.holonomy/holonomy-assembly.jar",
            "  spark-submit --master spark://HOST:7077 --driver-class-path ${'$'}jar ${'$'}jar run collapse --on spark-submit",
            "",
            "The natives are those of this machine's kind: make the jar on a machine like the workers.",
        ],
)
internal class PackageCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(
        names = ["--out"],
        paramLabel = "FILE",
        description = ["The jar; default: .holonomy/holonomy-assembly.jar of the checkout."],
    )
    private var out: Path? = null

    override fun call(): Int {
        val target = (out ?: home.assembly).toAbsolutePath().normalize().toFile()
        val jars = (jars("holonomy.classpath") + jars("holonomy.spark.jars")).distinctBy { it.name }
        Assembly(jars.filterNot { IN_SPARK.containsMatchIn(it.name) }, "holonomy.cli.MainKt").write(target)
        streams.out.println("$target (${size(target.length())})")
        return ExitCode.DONE
    }

    /** What the launcher has put together for clusters. */
    private fun jars(property: String): List<File> =
        System.getProperty(property)?.split(File.pathSeparator)?.map(::File)
            ?: throw UserError(
                "package: expected to be started by the launcher, found no $property; start ./holonomy package"
            )

    private companion object {
        /** Spark has these, and a logger of its own. */
        val IN_SPARK = Regex("^(jackson-|slf4j-api-|logback-|commons-codec-|commons-compress-)")
    }
}
