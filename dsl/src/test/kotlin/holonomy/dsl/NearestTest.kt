package holonomy.dsl

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class NearestTest :
    FreeSpec({
        "one slip away" {
            nearest("profle", listOf("seeds", "profile")) shouldBe "profile"
            nearest("rnu", listOf("test", "run")) shouldBe "run"
            nearest("sed", listOf("set", "seeds")) shouldBe
                "seeds" // two letters forgotten, rather than one taken for another
            nearest("WIDTH", listOf("width", "depth")) shouldBe "width"
        }
        "nothing is near" {
            nearest("collapse", listOf("quick", "paper")) shouldBe null
            didYouMean("zzz", listOf("run")) shouldBe ""
        }
        "ties go to the earlier" { nearest("aa", listOf("ab", "ac")) shouldBe "ab" }
    })
