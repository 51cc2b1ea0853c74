package holonomy.task.language

import holonomy.data.Fields
import holonomy.data.Sha256
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.GZIPOutputStream

private val told =
    listOf(
        "There was a well that nobody dared to look into.\nNobody knew why.",
        "A träumer with \"quotes\" walked, and walked on, until it was night.",
        "The third story is here so that there is one story more than two.",
    )

private val plain = told.joinToString("\n<|endoftext|>\n") + "\n<|endoftext|>\n\n<|endoftext|>too short"

private val objects =
    told.joinToString("\n\n") { story ->
        """{"id": 1, "text": " ${story.replace("\n", "\\n").replace("\"", "\\\"")}"}"""
    }

private fun Path.file(name: String, text: String): Path =
    resolve(name).also { file ->
        Files.createDirectories(file.parent)
        if (name.endsWith(".gz")) GZIPOutputStream(Files.newOutputStream(file)).use { it.write(text.toByteArray()) }
        else Files.writeString(file, text)
    }

/** The hash of stories, by the definition. */
private fun hash(stories: List<String>): String {
    val bytes = stories.map { it.toByteArray() }
    val all = ByteBuffer.allocate(bytes.sumOf { 4 + it.size })
    bytes.forEach { all.putInt(it.size).put(it) }
    return Sha256.of(all.array())
}

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

class LocalTextTest :
    FreeSpec({
        val place = tempdir().toPath()

        "plain text, JSON lines, either compressed, a folder of them: the same stories are the same source" {
            val text = LocalText.read(place.file("a.txt", plain))
            text.stories() shouldBe 3
            (0..2).map { text.story(it) } shouldBe told
            LocalText.read(place.file("a.txt.gz", plain)) shouldBe text
            LocalText.read(place.file("a.jsonl", objects)) shouldBe text
            LocalText.read(place.file("a.jsonl.gz", objects)) shouldBe text
            place.file("folder/2.jsonl", objects.substringAfter("\n\n"))
            place.file("folder/.hidden", plain)
            place.file("folder/1.txt", told[0])
            LocalText.read(place.resolve("folder")) shouldBe text
            LocalText.read(place.resolve("a.txt"), 2).stories() shouldBe 2
            LocalText.read(place.resolve("a.txt"), 2) shouldNotBe text
            LocalText.read(place.file("b.txt", plain.replace("third", "thirt"))) shouldNotBe text
            TextSource.fromSpec(Fields("text", text.spec())) shouldBe text
            text.sha256() shouldBe hash(told)
        }

        "a source that comes from its spec alone finds its stories in the folder for them" {
            val others = listOf(told[1], told[0], told[2])
            val folder = tempdir().toPath()
            folder.file("no text", "x")
            folder.file("x.txt", others.joinToString("<|endoftext|>"))
            val stranger = LocalText("0".repeat(64), 3)
            mistake { stranger.story(0) } shouldBe
                "text 3 local stories 00000000 of SHA-256 ${"0".repeat(64)}: not among those that were read here, nor " +
                    "in the folder that -Dholonomy.texts names, which isn't given; put the file there"
            System.setProperty(LocalText.FOLDER, folder.toString())
            try {
                mistake { stranger.story(0) } shouldBe
                    "text 3 local stories 00000000 of SHA-256 ${"0".repeat(64)}: not among those that were read " +
                        "here, nor in $folder; put the file there"
                val known = LocalText(hash(others), 3)
                known.atHand() shouldBe false
                known.story(0) shouldBe told[1]
                known.atHand() shouldBe true
            } finally {
                System.clearProperty(LocalText.FOLDER)
            }
        }

        "mistakes are named" {
            for (name in listOf("latin.txt", "latin.jsonl", "latin.txt.gz")) {
                val latin = place.resolve(name)
                val told = told[1].replace("\"", "'")
                val bytes = (if ("json" in name) """{"text": "$told"}""" else told).toByteArray(Charsets.ISO_8859_1)
                if ("gz" in name) GZIPOutputStream(Files.newOutputStream(latin)).use { it.write(bytes) }
                else Files.write(latin, bytes)
                mistake { LocalText.read(latin) } shouldBe
                    "text $latin: expected UTF-8, found bytes that are no UTF-8; save the text as UTF-8"
            }
            for (nothing in listOf("", "\n \n", "short<|endoftext|>stories")) {
                val empty = place.file("empty.txt", nothing)
                mistake { LocalText.read(empty) } shouldBe
                    "text $empty: expected stories of at least 40 characters, separated by <|endoftext|> or one JSON " +
                        "object a line in a file named .jsonl; found none"
            }
            val folder = Files.createDirectories(place.resolve("no stories"))
            mistake { LocalText.read(folder) } shouldBe
                "text $folder: expected stories of at least 40 characters, separated by <|endoftext|> or one JSON " +
                    "object a line in a file named .jsonl; found none"
            for (line in listOf("""{"story": "x"}""", "[1]", "{")) {
                val wrong = place.file("wrong.jsonl", """{"text": "${told[2]}"}""" + "\n" + line)
                mistake { LocalText.read(wrong) } shouldBe
                    "text $wrong, line 2: expected a JSON object with the story under \"text\", found $line"
            }
            mistake { LocalText.read(place.resolve("none.txt")) }!!.substringBefore(", found") shouldBe
                "text ${place.resolve("none.txt")}: expected a readable file or folder"
            mistake { LocalText.read(place.file("plain.gz", plain).also { Files.writeString(it, plain) }) }!!
                .substringBefore(", found") shouldBe
                "text ${place.resolve("plain.gz")}: expected a readable file or folder"
        }
    })
