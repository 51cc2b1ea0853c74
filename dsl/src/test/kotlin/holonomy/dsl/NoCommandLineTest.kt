package holonomy.dsl

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File

/** The library of scripts and notebooks brings no command line, no script host and no page along. */
class NoCommandLineTest :
    FreeSpec({
        "nothing of them is on the library's class path" {
            listOf(
                    "picocli.CommandLine",
                    "org.jetbrains.kotlin.mainKts.MainKtsScript",
                    "kotlin.script.experimental.jvmhost.BasicJvmScriptingHost",
                    "holonomy.cli.MainKt",
                    "holonomy.host.ScriptHost",
                    "holonomy.gallery.Gallery",
                )
                .forAll { name -> shouldThrow<ClassNotFoundException> { Class.forName(name) } }
        }

        "no class of the library names them" {
            val place = File(Experiment::class.java.protectionDomain.codeSource.location.toURI())
            val classes = place.walk().filter { it.extension == "class" }.toList()
            classes.shouldNotBeEmpty()
            val named = Regex("picocli|holonomy[./](cli|host|gallery)[./]")
            classes.forAll { named.find(it.readText(Charsets.ISO_8859_1))?.value shouldBe null }
        }
    })
