package holonomy

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.sqrt

class ReferenceTest :
    FreeSpec({
        "every case has the tensors its header promises" {
            val cases = Reference.cases("")
            cases.map { it.name } shouldContain "reference/commutator"
            cases.forEach { case ->
                case.tensors.values.forEach { it.doubles().all { value -> value.isFinite() } shouldBe true }
            }
        }

        "values are read in their places: the stored norm of delta is the tensor's norm" {
            Reference.cases("commutator").forEach { case ->
                val delta = case.tensor("delta").doubles()
                val norm = case.expected.get("delta_norm").asDouble()
                delta.size shouldBe case.expected.get("P").asInt()
                Reference.relativeError(
                    doubleArrayOf(sqrt(delta.sumOf { it * it })),
                    doubleArrayOf(norm),
                ) shouldBeLessThan 1e-6
            }
        }

        "whole numbers keep their type" {
            Reference.cases("model").forEach { case ->
                val x = case.tensor("x")
                x.shape shouldBe listOf(case.config.get("batch").asInt(), case.config.get("length").asInt())
                x.longs().all { it in 0 until case.config.get("vocab").asLong() } shouldBe true
            }
        }

        "an unknown kind is an error, not an empty list" {
            shouldThrow<IllegalStateException> { Reference.cases("nothing") }.message shouldContain "'nothing'"
        }
    })
