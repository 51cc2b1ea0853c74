package holonomy.figure

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

/** What Lets-Plot's SVG lacks. */
class SvgTextTest :
    FreeSpec({
        val open = "<text class=\"facet-strip-text-x\" text-anchor=\"middle\""

        "a panel's title of several lines is drawn in several lines" {
            SvgText.strips("$open dy=\"0.35em\">\na.\nb\n</text>") shouldBe
                "$open style=\"font-size: 10px;\"><tspan x=\"0\" dy=\"-0.2em\">a.</tspan><tspan x=\"0\" dy=\"1.1em\">b</tspan></text>"
            SvgText.strips("$open dy=\"0.35em\">\na\nb\nc\n</text>") shouldBe
                "$open style=\"font-size: 8px;\"><tspan x=\"0\" dy=\"-0.75em\">a</tspan><tspan x=\"0\" dy=\"1.1em\">b</tspan>" +
                    "<tspan x=\"0\" dy=\"1.1em\">c</tspan></text>"
        }

        "one line stays as it is" {
            val one = "$open dy=\"0.35em\">\na title\n</text>\n<text class=\"caption\">\na\nb\n</text>"
            SvgText.strips(one) shouldBe one
        }
    })
