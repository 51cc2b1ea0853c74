package holonomy.figure

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.math.cbrt
import kotlin.math.pow
import kotlin.math.sqrt

class PaletteTest :
    FreeSpec({
        "every scheme keeps its colours apart for every kind of sight" -
            {
                val schemes =
                    mapOf(
                        "matrices" to Palette.matrices.values.toList(),
                        "markers" to Palette.markers,
                        "layers" to Palette.layers,
                        "arms" to Palette.arms,
                    )
                for ((name, colours) in schemes) for ((sight, view) in Sight.all) {
                    "$name, $sight" {
                        for (i in colours.indices) for (j in 0 until i) {
                            withClue("${colours[i]} and ${colours[j]}") {
                                Sight.distance(view(colours[i]), view(colours[j])) shouldBeGreaterThan LEAST
                            }
                        }
                    }
                }
            }

        "lines stand out from white paper and from the grey of a null" {
            for (colour in Palette.matrices.values + Palette.markers + Palette.layers + Palette.arms) withClue(colour) {
                Sight.distance(Sight.rgb(colour), Sight.rgb("#FFFFFF")) shouldBeGreaterThan 25.0
                Sight.distance(Sight.rgb(colour), Sight.rgb(Palette.NULL_LINE)) shouldBeGreaterThan LEAST
            }
        }

        "a level has the same colour whatever stands beside it" {
            Palette.colours(Scheme.MATRIX, listOf("W_O")).getValue("W_O") shouldBe
                Palette.colours(Scheme.MATRIX, listOf("W_Q", "W_O")).getValue("W_O")
            Palette.colours(Scheme.MARKERS, listOf("3"))["3"] shouldBe Palette.markers[2]
        }

        "a level the scheme doesn't know takes a colour of its own" {
            Palette.colours(Scheme.MATRIX, listOf("W_Q", "E", "P", "H")).values.toList().shouldBeUnique()
        }

        "arms take their colours in order" {
            Palette.colours(Scheme.ARM, listOf("mixed", "curriculum")) shouldContainExactly
                mapOf("mixed" to Palette.arms[0], "curriculum" to Palette.arms[1])
        }

        "levels come in their scheme's order" {
            Palette.ordered(Scheme.MATRIX, listOf("W_V", "W_O", "W_Q", "W_V")) shouldBe listOf("W_Q", "W_V", "W_O")
            Palette.ordered(Scheme.MARKERS, listOf("10", "2", "1")) shouldBe listOf("1", "2", "10")
            Palette.ordered(Scheme.ARM, listOf("late", "early")) shouldBe listOf("late", "early")
        }
    }) {
    private companion object {
        /** Distance in CIE Lab (1976) that thin lines need; 2.3 is just noticeable side by side. */
        const val LEAST = 9.0
    }
}

/**
 * Colours as eyes without one kind of cone see them (Machado, Oliveira and Fernandes 2009, severity 1), and distances
 * in CIE Lab.
 */
private object Sight {
    private val protan =
        listOf(
            listOf(0.152286, 1.052583, -0.204868),
            listOf(0.114503, 0.786281, 0.099216),
            listOf(-0.003882, -0.048116, 1.051998),
        )
    private val deutan =
        listOf(
            listOf(0.367322, 0.860646, -0.227968),
            listOf(0.280085, 0.672501, 0.047413),
            listOf(-0.011820, 0.042940, 0.968881),
        )
    private val tritan =
        listOf(
            listOf(1.255528, -0.076749, -0.178779),
            listOf(-0.078411, 0.930809, 0.147602),
            listOf(0.004733, 0.691367, 0.303900),
        )
    private val xyz =
        listOf(listOf(0.4124, 0.3576, 0.1805), listOf(0.2126, 0.7152, 0.0722), listOf(0.0193, 0.1192, 0.9505))
    private val white = listOf(0.9505, 1.0, 1.089)

    val all: Map<String, (String) -> List<Double>> =
        mapOf(
            "normal" to ::rgb,
            "protanopia" to { times(protan, rgb(it)) },
            "deuteranopia" to { times(deutan, rgb(it)) },
            "tritanopia" to { times(tritan, rgb(it)) },
        )

    /** Linear red, green, blue in 0..1. */
    fun rgb(colour: String): List<Double> =
        colour
            .drop(1)
            .chunked(2)
            .map { it.toInt(16) / 255.0 }
            .map { if (it <= 0.04045) it / 12.92 else ((it + 0.055) / 1.055).pow(2.4) }

    fun distance(a: List<Double>, b: List<Double>): Double =
        sqrt(lab(a).zip(lab(b)) { x, y -> (x - y) * (x - y) }.sum())

    private fun lab(rgb: List<Double>): List<Double> {
        val (x, y, z) = times(xyz, rgb.map { it.coerceIn(0.0, 1.0) }).zip(white) { v, w -> f(v / w) }
        return listOf(116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    private fun f(t: Double): Double = if (t > 216.0 / 24389) cbrt(t) else (24389.0 / 27 * t + 16) / 116

    private fun times(matrix: List<List<Double>>, vector: List<Double>): List<Double> =
        matrix.map { row -> row.zip(vector) { a, b -> a * b }.sum() }
}
