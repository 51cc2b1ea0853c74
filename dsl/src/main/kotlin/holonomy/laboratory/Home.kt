package holonomy.laboratory

import holonomy.data.UserError
import java.io.File
import java.nio.file.Path

/**
 * The checkout a launcher stands in: scripts, runs, pictures, and `.holonomy` for what can be made again.
 *
 * @param own the user's own part of what can be made again: `.holonomy` too, or another folder where the checkout can
 *   only be read
 */
class Home(val root: Path, own: Path = root.resolve(".holonomy")) {
    val experiments: Path = root.resolve("experiments")
    val runs: Path = root.resolve("runs")
    val out: Path = root.resolve("out")
    val figureSet: File = root.resolve("scripts/figure-set.main.kts").toFile()
    val figures: Path = root.resolve("figures")
    val compiledScripts: Path = own.resolve("scripts")
    val assembly: Path = root.resolve(".holonomy/holonomy-assembly.jar")
    val log: Path = own.resolve("log/holonomy.log")

    /** What [on] says of `--on`, the cluster of `scripts/local-cluster` by its address. */
    fun cluster(on: String): String {
        if (on != "local-cluster") return on
        val address = root.resolve(".holonomy/local-cluster/master").toFile()
        if (!address.isFile) {
            throw UserError(
                "--on local-cluster: expected the address of one in $address, found none; start one with scripts/local-cluster start"
            )
        }
        return address.readText().trim()
    }

    /** All scripts of `experiments/` and of its folders, by name. */
    fun experimentScripts(): List<File> =
        experiments
            .toFile()
            .walk()
            .maxDepth(2)
            .filter { it.isFile && it.name.endsWith(SUFFIX) }
            .sortedBy { it.scriptName }
            .toList()

    /** The script in `experiments/` of an experiment, by its name; null if it stands elsewhere. */
    fun scriptOf(experiment: String): File? = experimentScripts().firstOrNull { it.scriptName == experiment }

    companion object {
        /** How the names of scripts end. */
        const val SUFFIX = ".main.kts"

        /** The launcher's checkout, or the working folder without a launcher. */
        fun detect(): Home {
            val root = Path.of(System.getProperty("holonomy.root") ?: "").toAbsolutePath()
            return System.getProperty("holonomy.own")?.let { Home(root, Path.of(it)) } ?: Home(root)
        }
    }
}

/**
 * The name of an experiment script: `collapse` for `experiments/collapse.main.kts`, `grokking-defect` for
 * `experiments/grokking/defect.main.kts`.
 */
val File.scriptName: String
    get() {
        val stem = name.removeSuffix(Home.SUFFIX)
        val folder = absoluteFile.parentFile ?: return stem
        return if (folder.parentFile?.name == "experiments") "${folder.name}-$stem" else stem
    }
