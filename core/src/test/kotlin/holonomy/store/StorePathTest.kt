package holonomy.store

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.net.URLDecoder
import java.nio.file.Path

class StorePathTest :
    FreeSpec({
        "plain paths pass" {
            listOf("provenance.json", "metrics/accuracy.parquet", "trajectory/step-00000100.safetensors", "a/b/c=1,d@2")
                .forEach { StorePath.check(it) shouldBe it }
        }

        "paths that could lead out, hide or break are refused" {
            val bad =
                listOf(
                    "",
                    "/etc/passwd",
                    "..",
                    "a/../../b",
                    "a//b",
                    "a/",
                    "./a",
                    ".hidden",
                    "a\\b",
                    "a'b",
                    "a\"b",
                    "a b",
                    "C:x",
                    "a\u0000",
                    "é",
                )
            bad.forEach { path ->
                val part = path.split("/").first { !Regex("[A-Za-z0-9_%+=@,-][A-Za-z0-9_%+=@,.-]*").matches(it) }
                shouldThrow<UserError> { StorePath.check(path) }.message shouldBe
                    "file name '$path' cannot be stored in a run: expected parts of 1 to 150 letters, digits and _%+=@,.- " +
                        "(no point first), joined by '/', found '$part'"
            }
            shouldThrow<UserError> { StorePath.check("a".repeat(151)) }
        }

        "any text becomes one part of a path, and is not lost" {
            StorePath.part("W_Q \"m=3\"/..") shouldBe "W_Q%20%22m=3%22%2F.."
            StorePath.part("../../x") shouldBe "%2E.%2F..%2Fx"
            StorePath.part("100%") shouldBe "100%25"
            checkAll(PropTestConfig(seed = 5), Arb.string(1..40)) { text ->
                val part = StorePath.part(text)
                Path.of("/runs/x").resolve(part).normalize().parent shouldBe Path.of("/runs/x")
                URLDecoder.decode(part.replace("+", "%2B"), Charsets.UTF_8) shouldBe text
            }
        }

        "ids are hexadecimal" {
            StorePath.checkId("0123456789abcdef") shouldBe "0123456789abcdef"
            listOf("", "abc", "../../etc", "ABCDEF0123", "0123456g").forEach { id ->
                shouldThrow<UserError> { StorePath.checkId(id) }.message shouldBe
                    "'$id' is not the id of a run: expected 8 to 64 lower-case hexadecimal digits"
            }
        }
    })
