package holonomy.laboratory

import holonomy.dsl.DeclaredClaim
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.time.Instant

class DeclaredTest :
    FreeSpec({
        val monday = Instant.parse("2026-11-23T08:00:00Z")
        val friday = Instant.parse("2026-11-27T08:00:00Z")

        "a claim keeps the date at which it was first there; a changed one gets its own" {
            val file = tempdir().toPath().resolve("figures/declared.json")
            DeclaredClaims(file).at("aaa") shouldBe null
            DeclaredClaims(file).add(listOf(DeclaredClaim("one", "it grows", "aaa")), monday)
            DeclaredClaims(file)
                .add(listOf(DeclaredClaim("one", "it grows", "aaa"), DeclaredClaim("one", "it grows", "bbb")), friday)
            DeclaredClaims(file).at("aaa") shouldBe monday
            DeclaredClaims(file).at("bbb") shouldBe friday
            val text = file.toFile().readText()
            DeclaredClaims(file).add(listOf(DeclaredClaim("one", "it grows", "aaa")), friday)
            file.toFile().readText() shouldBe text
        }

        "before, after, or after some seeds" {
            Declared(monday, listOf(), listOf(1, 2)).words shouldBe "declared before its data"
            Declared(monday, listOf(1, 2), listOf()).words shouldBe "declared after its data"
            Declared(monday, listOf(1, 2, 3), listOf(4)).words shouldBe
                "declared after the data of seeds 1, 2, 3, before those of seed 4"
        }
    })
