package holonomy.dsl

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class VersionTest : FreeSpec({ "version" { VERSION shouldBe "0.1.0" } })
