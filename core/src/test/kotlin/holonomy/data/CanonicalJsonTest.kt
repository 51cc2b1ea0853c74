package holonomy.data

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.DecimalNode
import com.fasterxml.jackson.databind.node.DoubleNode
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.TextNode
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.long
import io.kotest.property.arbitrary.numericDouble
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.math.BigDecimal

private val json = ObjectMapper()

private fun canonical(text: String) = CanonicalJson.text(json.readTree(text))

private fun number(value: Double) = CanonicalJson.text(DoubleNode(value))

class CanonicalJsonTest :
    FreeSpec({
        "keys are sorted by UTF-16 code units, at every depth, and spaces are left out" {
            canonical(
                """{ "b" : [ {"z": 1, "a": 2} ], "a" : {}, "B": null, "€": true, "\ud83d\ude00": 1, "\ufb33": 2 }"""
            ) shouldBe "{\"B\":null,\"a\":{},\"b\":[{\"a\":2,\"z\":1}],\"€\":true,\"😀\":1,\"\ufb33\":2}"
        }

        // The table of RFC 8785, appendix B, given as bits.
        "doubles are written as RFC 8785 lists them" -
            {
                listOf(
                        0x0000000000000001L to "5e-324",
                        -0x7fffffffffffffffL to "-5e-324",
                        0x7fefffffffffffffL to "1.7976931348623157e+308",
                        0x4340000000000000L to "9007199254740992",
                        0x4430000000000000L to "295147905179352830000",
                        0x44b52d02c7e14af5L to "9.999999999999997e+22",
                        0x44b52d02c7e14af6L to "1e+23",
                        0x44b52d02c7e14af7L to "1.0000000000000001e+23",
                        0x444b1ae4d6e2ef4eL to "999999999999999700000",
                        0x444b1ae4d6e2ef4fL to "999999999999999900000",
                        0x444b1ae4d6e2ef50L to "1e+21",
                        0x3eb0c6f7a0b5ed8cL to "9.999999999999997e-7",
                        0x3eb0c6f7a0b5ed8dL to "0.000001",
                        0x41b3de4355555553L to "333333333.3333332",
                        0x41b3de4355555554L to "333333333.33333325",
                        0x41b3de4355555555L to "333333333.3333333",
                        0x41b3de4355555556L to "333333333.3333334",
                        0x41b3de4355555557L to "333333333.33333343",
                        0x43143ff3c1cb0959L to "1424953923781206.2",
                    )
                    .forEach { (bits, text) ->
                        "${bits.toULong().toString(16)} is $text" { number(Double.fromBits(bits)) shouldBe text }
                    }
            }

        "digits that Double.toString of Java 17 gets wrong" {
            number(2e23) shouldBe "2e+23"
            number(2.0E-3) shouldBe "0.002"
            number(8.41E21) shouldBe "8.41e+21"
            number(1.0) shouldBe "1"
            number(0.1) shouldBe "0.1"
            number(0.1f.toDouble()) shouldBe "0.10000000149011612"
        }

        "any double reads back to the same bits, in no more digits than Java gives" {
            checkAll(PropTestConfig(seed = 1), Arb.long()) { bits ->
                val value = Double.fromBits(bits)
                if (value.isFinite() && bits != Long.MIN_VALUE) {
                    number(value).toDouble().toRawBits() shouldBe value.toRawBits()
                    BigDecimal(number(value)).stripTrailingZeros().precision() shouldBeLessThanOrEqual
                        BigDecimal(value.toString()).stripTrailingZeros().precision()
                }
            }
        }

        "writing what was read changes nothing" {
            checkAll(PropTestConfig(seed = 2), Arb.string(), Arb.numericDouble(), Arb.long()) { text, number, whole ->
                val value = json.createObjectNode().put(text, number + 0.0).put("w", whole).put("t", text)
                canonical(CanonicalJson.text(value)) shouldBe CanonicalJson.text(value)
            }
        }

        "whole numbers are exact beyond 2^53" {
            canonical("[9007199254740993,-9223372036854775808,123456789012345678901234567890]") shouldBe
                "[9007199254740993,-9223372036854775808,123456789012345678901234567890]"
        }

        "a whole number is the same number as int, long and double" {
            canonical("""{"a":3}""") shouldBe canonical("""{"a":3.0}""")
        }

        "strings are escaped only where they must be" {
            val text = "\"\\/\b\u000c\n\r\t\u0001\u001f\u007fé€😀"
            CanonicalJson.text(TextNode(text)) shouldBe "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u007fé€😀\""
        }

        "what has no canonical text is refused, with its path" -
            {
                val rest = "; an identity is made of plain JSON values only"
                fun refusal(value: com.fasterxml.jackson.databind.JsonNode): String? {
                    val tree = json.createObjectNode()
                    tree.putObject("model").putArray("widths").add(1).add(value)
                    return shouldThrow<UserError> { CanonicalJson.text(tree) }.message
                }
                val at = "canonical JSON at $.model.widths[1]: expected"

                "NaN" { refusal(DoubleNode(Double.NaN)) shouldBe "$at a finite number, found NaN$rest" }
                "infinity" {
                    refusal(DoubleNode(Double.NEGATIVE_INFINITY)) shouldBe "$at a finite number, found -Infinity$rest"
                }
                "minus zero" { refusal(DoubleNode(-0.0)) shouldBe "$at zero without a sign, found -0.0$rest" }
                "a lone surrogate" {
                    refusal(TextNode("ab\ud800")) shouldBe
                        "$at text in Unicode, found a lone surrogate at position 2$rest"
                }
                "a decimal between two doubles" {
                    refusal(DecimalNode(BigDecimal("0.1000000000000000000000001"))) shouldBe
                        "$at a number that a double can hold, found 0.1000000000000000000000001$rest"
                }
                "a Java object" {
                    refusal(JsonNodeFactory.instance.pojoNode(1)) shouldBe "$at a JSON value, found POJO 1$rest"
                }
            }
    })
