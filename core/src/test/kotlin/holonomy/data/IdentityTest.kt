package holonomy.data

import com.fasterxml.jackson.databind.ObjectMapper
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

/**
 * The expected values were computed with Python: sha256 of json.dumps with sorted keys, no spaces and 1e-07 respelled
 * 1e-7.
 */
class IdentityTest :
    FreeSpec({
        fun identity(text: String) = Identity.of(ObjectMapper().readTree(text))

        "known identities" {
            identity("{}") shouldBe "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
            identity("""{"seed": 7, "model": {"width": 128, "layers": 5}, "kind": "run"}""") shouldBe
                "4fb2e04a5859d49c9de799d1d3c19df0d73843b7cd60cafc8d52fb8ffd65d4eb"
            identity("""{"z":[0.1,1e21,1e-7,5e-324,1.5,true,null],"ä\"\\\n":"é😀","big":9007199254740993}""") shouldBe
                "317e7774594e7f8a10409387c5eed1b7e693dd559a7189b411ce46b6c02dd79d"
        }

        "the order of keys does not matter, the values do" {
            identity("""{"a":1,"b":2.0}""") shouldBe identity("""{"b":2,"a":1}""")
            (identity("""{"a":1}""") == identity("""{"a":2}""")) shouldBe false
        }

        "shortened" {
            Identity.shortened("44136fa355b3678a1146ad16f7e8") shouldBe "44136fa355b3"
            Identity.shortened("44136f") shouldBe "44136f"
        }
    })
