package holonomy.host

import holonomy.dsl.Declarations
import holonomy.dsl.Invocation
import holonomy.dsl.VERSION
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.io.File

class ScriptHostTest :
    FreeSpec({
        val folder = autoClose(ScriptFolder())
        val prelude =
            """
            @file:DependsOn("holonomy:holonomy-dsl:$VERSION")
            import holonomy.dsl.Declarations
            val suffix = "one"
            fun profileName() = Declarations.current()!!.invocation.profile
        """
        fun script(body: String) =
            "@file:Import(\"../scripts/lab.main.kts\")\nimport holonomy.dsl.*; import holonomy.study.markers.*\n" +
                body.trimIndent() +
                "\n"

        "a script" -
            {
                folder.write("scripts/lab.main.kts", prelude)
                val file =
                    folder.write("experiments/a.main.kts", script("""experiment("a-" + suffix, profileName()) {}"""))

                "is asked for the invocation and declares, our own coordinates answered from the class path" {
                    val declared = folder.declare(file, Invocation(profile = "paper")).single()
                    declared.name shouldBe "a-one"
                    declared.question shouldBe "paper"
                }
                "comes from the cache the second time, and declares the same" {
                    val jars = {
                        folder.cache.walk().filter { it.extension == "jar" }.associate { it.path to it.lastModified() }
                    }
                    val before = jars()
                    folder.declare(file).map { it.name } shouldContainExactly listOf("a-one")
                    before.size shouldBe 1
                    jars() shouldBe before
                }
                "sees an edited prelude at once" {
                    folder.write("scripts/lab.main.kts", prelude.replace("\"one\"", "\"two\""))
                    folder.declare(file).map { it.name } shouldContainExactly listOf("a-two")
                }
                "sees a prelude that is gone" {
                    val lab = folder.write("scripts/lab.main.kts", prelude)
                    folder.declare(file)
                    lab.delete()
                    shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldContain "lab.main.kts"
                    folder.write("scripts/lab.main.kts", prelude)
                }
            }

        "a misspelt word is shown with the nearest of the DSL's words and the script's own" {
            val file = folder.write("experiments/slip.main.kts", script("val curves = acuracy(5)\nprintln(cuves)"))
            val message = shouldThrow<ScriptError> { folder.declare(file) }.message!!
            message shouldContain "slip.main.kts:3:14: Unresolved reference 'acuracy'. Did you mean 'accuracy'?\n"
            message shouldContain "slip.main.kts:4:9: Unresolved reference 'cuves'. Did you mean 'curves'?\n"
        }

        "a direction without its size is an error that says what to write" {
            fun refusal(name: String, statement: String) =
                shouldThrow<ScriptError> {
                        val text =
                            "fun ExperimentScope.c(a: Measured, b: Measured) = claim(\"c\", \"ours\", \"none\") { $statement }"
                        folder.declare(folder.write("experiments/$name.main.kts", script(text)))
                    }
                    .message!!
            val size =
                "After isAbove and isBelow say the smallest change that matters first, after isLike the largest difference " +
                    "that doesn't: (a isAbove b by 0.05), byFactor 1.5; (a isLike b within 0.05), withinFactor 1.1"
            refusal("unsized", "a isAbove b") shouldContain "actual 'Change'. $size\n"
            refusal("gone-on", "(a isBelow b).published(1.0..2.0)") shouldContain
                "Unresolved reference 'published'. $size\n"
            refusal("unlike", "a isLike 1.0") shouldContain
                "actual 'Likeness'. Say the largest difference that doesn't matter: (a isLike b within 0.05)\n"
        }

        "reading what is never measured is known at declaration, at its line" -
            {
                fun refusal(name: String, body: String): String {
                    val file = folder.write("experiments/$name.main.kts", script(body))
                    return shouldThrow<ScriptError> { folder.declare(file) }.message!!
                }
                val small =
                    """
                    val seen = accuracy(3, 16)
                    val unseen = trainingCurve(3)
                    val small = Profile("quick", MarkedSizes(12, 32, 4, 16, 3, 1..2, 16), 2, 2, 16, 1e-3, .01, 0, 8, 4, 6, 3, listOf(1, 2))
                    fun ExperimentScope.runs() = train(small.attentionOnly, listOf(small.mainTask), listOf(1, 2)) { measure(seen) }
                """
                        .trimIndent() + "\n"

                "in a figure" {
                    refusal(
                        "unseen",
                        small +
                            """experiment("a", "Why?") { val runs = runs(); figure("f") { runs.table(unseen); TODO() } }""",
                    ) shouldContain
                        "unseen.main.kts:7: 'training' is read, but these runs never measure it; they measure accuracy. " +
                            "Add measure(...) of it to their train { }\n"
                }
                "in a claim, after another quantity was read" {
                    refusal(
                        "other",
                        small +
                            """experiment("a", "Why?", "s") { val runs = runs(); claim("c", "ours", "none") { """ +
                            """(runs.finalAccuracy(seen) isAtLeast .5).provided(trained(runs, accuracy(3, 32))) } }""",
                    ) shouldContain
                        "other.main.kts:7: 'accuracy' is read, but these runs never measure it in this way (3 times, " +
                            "{\"sequences\":32}), only in another (3 times, {\"sequences\":16}). " +
                            "Give measure(...) in train { } the handle that is read\n"
                }
                "and nothing of that rehearsal is left behind in the script" {
                    val file =
                        folder.write(
                            "experiments/kept.main.kts",
                            script(
                                small +
                                    """val counted = mutableListOf<Int>()
                                    experiment("a-" + counted.size, "Why?", "s") { val runs = runs()
                                        figure("f") { counted += runs.table(seen).size(); TODO() }
                                        claim("" + counted.size, "ours", "none") { throw StackOverflowError() }
                                    }"""
                            ),
                        )
                    val declared = folder.declare(file).single()
                    declared.name shouldBe "a-0"
                    declared.claims.single().text shouldBe "0"
                }
            }

        "a class of the library that lost a function makes the script a compile error, not a NoSuchMethodError" {
            val library = tempdir()
            fun host() = ScriptHost(folder.cache, ownClassPath() + library)
            val file = folder.write("experiments/renamed.main.kts", "println(words.word())")
            compile("package words\nfun word() = 1", library)
            host().declare(file, Invocation())
            compile("package words\nfun anotherWord() = 1", library)
            shouldThrow<ScriptError> { host().declare(file, Invocation()) }.message!! shouldContain "word"
        }

        "a jar that the script depends on by path and that changed makes it a compile error too" {
            val jar = File(tempdir(), "words.jar")
            val file = folder.write("experiments/jar.main.kts", "@file:DependsOn(\"$jar\")\nprintln(words.word())")
            compile("package words\nfun word() = 1", jar)
            folder.declare(file)
            compile("package words\nfun anotherWord() = 1", jar)
            shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldContain "word"
        }

        "every compile error is listed with file, line, column, the line itself and a caret" {
            val file =
                folder.write(
                    "experiments/b.main.kts",
                    script(
                        """
                val a: Int = "text"
                experiment("b", question = 3) {}
            """
                    ),
                )
            val message = shouldThrow<ScriptError> { folder.declare(file) }.message!!
            message shouldContain "b.main.kts:3:12: "
            message shouldContain "\n    val a: Int = \"text\"\n               ^\n"
            message shouldContain "b.main.kts:4:28: "
        }
        "an error in the prelude names the prelude" {
            folder.write("scripts/broken.main.kts", "val x: Int = \"text\"")
            val file =
                folder.write("experiments/c.main.kts", "@file:Import(\"../scripts/broken.main.kts\")\nprintln(x)\n")
            shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldContain "broken.main.kts:1:12: "
        }
        "what a declaration refuses is reported at the script's line, message only" {
            val file =
                folder.write(
                    "experiments/d.main.kts",
                    script(
                        """
                experiment("d", "first") {}
                experiment("d", "second") {}
            """
                    ),
                )
            shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldEndWith
                "d.main.kts:4: experiment 'd' is declared twice; give the second one another name\n    experiment(\"d\", \"second\") {}"
        }
        "an exception of the script's own code is the script's" {
            val file = folder.write("experiments/e.main.kts", script("""experiment("e", "q") { listOf(1)[3] }"""))
            shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldContain
                "e.main.kts:3: java.lang.IndexOutOfBounds"
        }
        "an exception inside the library is not" {
            val file = folder.write("experiments/f.main.kts", script("""holonomy.host.breaks()"""))
            shouldThrow<IllegalStateException> { folder.declare(file) }.message shouldBe "a bug of ours"
        }
        "a dependency on another version of ours is refused" {
            val file = folder.write("experiments/g.main.kts", "@file:DependsOn(\"holonomy:holonomy-dsl:9.9.9\")")
            shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldContain
                "'holonomy:holonomy-dsl:9.9.9' is not this checkout's library; expected holonomy:holonomy-dsl:$VERSION"
        }
        "a library that can't be had is named" {
            val file = folder.write("experiments/h.main.kts", "@file:DependsOn(\"/nowhere/words.jar\")")
            shouldThrow<ScriptError> { folder.declare(file) }.message!! shouldContain "'/nowhere/words.jar' not found"
        }
        "a script that is not there" {
            shouldThrow<ScriptError> { folder.declare(File("/nowhere/x.main.kts")) }.message shouldBe
                "/nowhere/x.main.kts: no such script"
        }
        "main-kts's own cache of compiled scripts, which goes stale, is not used" {
            val foreign = tempdir()
            System.setProperty("kotlin.main.kts.compiled.scripts.cache.dir", foreign.path)
            try {
                folder.declare(folder.write("experiments/i.main.kts", script("""experiment("i", "q") {}""")))
            } finally {
                System.clearProperty("kotlin.main.kts.compiled.scripts.cache.dir")
            }
            foreign.list() shouldBe emptyArray<String>()
        }
        "outside a host there is no collector" { Declarations.current() shouldBe null }
        "__FILE__ is the script, cached or not" {
            val file = folder.write("experiments/h.main.kts", script("""experiment("h", __FILE__.name) {}"""))
            repeat(2) { folder.declare(file).single().question shouldBe "h.main.kts" }
        }
    })

/** Fails as a bug of the library would. */
@Suppress("unused") fun breaks(): Nothing = throw IllegalStateException("a bug of ours")

private fun compile(source: String, into: File) {
    val file = File(into.parentFile, "Words.kt").apply { writeText(source) }
    val arguments =
        arrayOf("-no-stdlib", "-no-reflect", "-cp", System.getProperty("java.class.path"), "-d", into.path, file.path)
    val compiler = org.jetbrains.kotlin.cli.jvm.K2JVMCompiler()
    check(compiler.exec(System.err, *arguments).code == 0) { "the test's library does not compile" }
}
