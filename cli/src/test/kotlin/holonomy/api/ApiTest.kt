package holonomy.api

import holonomy.data.UserError
import holonomy.dsl.Experiment
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll

/** What other people's code may call is written down in `api/`: a change of it shows in review. */
class ApiTest :
    FreeSpec({
        "of core" { keep("api/core.txt", publicApi(UserError::class.java)) }
        "of dsl" { keep("api/dsl.txt", publicApi(Experiment::class.java)) }

        "a dump has what is public, and nothing that is internal" {
            val lines = publicApi(Experiment::class.java).lines()
            lines shouldContainAll listOf("class holonomy.dsl.Experiment", "  java.lang.String getName()")
            lines.filter { "Archive" in it || "runAtOnce" in it }.shouldBeEmpty()
        }
    })
