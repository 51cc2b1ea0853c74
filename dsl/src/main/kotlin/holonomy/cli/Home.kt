package holonomy.cli

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

    companion object {
        /** The launcher's checkout, or the working folder without a launcher. */
        fun detect(): Home {
            val root = Path.of(System.getProperty("holonomy.root") ?: "").toAbsolutePath()
            return System.getProperty("holonomy.own")?.let { Home(root, Path.of(it)) } ?: Home(root)
        }
    }
}
