package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.didYouMean
import holonomy.laboratory.Home
import holonomy.laboratory.scriptName
import java.io.File

/** The script that [given] means: a path, or the name of one in `experiments/`. */
internal fun Home.script(given: String): File {
    val file = File(given)
    if (file.isFile) {
        if (!given.endsWith(Home.SUFFIX)) throw UserError("$given: expected a script whose name ends in ${Home.SUFFIX}")
        return file
    }
    return experimentScripts().firstOrNull { it.scriptName == given } ?: throw noScript(given)
}

/** The scripts of `experiments/` with these names; all of them when none is given. */
internal fun Home.scriptsNamed(names: List<String>): List<File> {
    val all = experimentScripts()
    if (all.isEmpty()) throw UserError("$experiments: no experiment script (NAME${Home.SUFFIX}) in it")
    return if (names.isEmpty()) all
    else names.distinct().map { name -> all.firstOrNull { it.scriptName == name } ?: throw noExperiment(name, all) }
}

private fun Home.noScript(given: String): UserError {
    val known = experimentScripts()
    val near = didYouMean(File(given).scriptName, known.map { it.scriptName })
    return UserError("$given: no such script; ${listed(known)}$near")
}

private fun noExperiment(name: String, all: List<File>) =
    UserError("--only: no experiment '$name'; ${listed(all)}${didYouMean(name, all.map { it.scriptName })}")

private fun listed(scripts: List<File>) =
    if (scripts.isEmpty()) "experiments/ has none."
    else "experiments/ has ${scripts.joinToString(", ") { it.scriptName }}."
