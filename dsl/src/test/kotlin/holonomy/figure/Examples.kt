package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import java.util.SplittableRandom
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.sqrt

/** Tables shaped like the measures', with made-up numbers from a fixed seed, and one figure of every kind. */
object Examples {
    val context =
        FigureContext("quick", 3, question = "Do attention weights collapse?", versions = mapOf("holonomy" to "test"))
    val rank = Axis("r90", "r90, interpolated")
    val matrices = listOf("W_V", "W_O", "W_Q", "W_K")
    val modelOrder = listOf("W_Q", "W_K", "W_V", "W_O")
    private val base = mapOf("W_Q" to 5.9, "W_K" to 6.05, "W_V" to 3.8, "W_O" to 3.4)
    private val random = SplittableRandom(7)

    private fun noise(scale: Double) = scale * random.nextGaussian()

    /** matrix, seed, step, r90: 4 x 3 x 21 rows. */
    val overSteps: Table =
        table(text("matrix"), whole("seed"), whole("step"), quantity("r90")) { add ->
            for (matrix in matrices) for (seed in 1..3) for (i in 0..20) add(
                matrix,
                seed,
                i * 50,
                1 + base.getValue(matrix) * sqrt(i / 20.0) + noise(0.1),
            )
        }

    /** seed, step, r90 of the null: the same for all matrices. */
    val nullOverSteps: Table =
        table(whole("seed"), whole("step"), quantity("r90")) { add ->
            for (seed in 1..3) for (i in 0..20) add(seed, i * 50, 1 + 5 * sqrt(i / 20.0) + noise(0.05))
        }

    /** matrix, seed, layer, r90: 4 x 3 x 5 rows. */
    val byLayer: Table =
        table(text("matrix"), whole("seed"), whole("layer"), quantity("r90")) { add ->
            for (matrix in matrices) for (seed in 1..3) for (layer in 0..4) add(
                matrix,
                seed,
                layer,
                base.getValue(matrix) - 0.3 * layer + noise(0.15),
            )
        }

    /** matrix, seed, layer with centre and interval of the null. */
    val nullByLayer: Table =
        table(text("matrix"), whole("seed"), whole("layer"), quantity("mid"), quantity("low"), quantity("high")) { add
            ->
            for (matrix in matrices) for (seed in 1..3) for (layer in 0..4) add(
                matrix,
                seed,
                layer,
                5.9 + noise(0.02),
                5.6,
                6.2,
            )
        }

    /** Two values per matrix as a source states them. */
    val published: Table =
        table(text("matrix"), whole("layer"), quantity("r90")) { add ->
            for ((matrix, value) in base) {
                add(matrix, 0, value)
                add(matrix, 4, 0.7 * value)
            }
        }

    /** kind, seed, step, defect, gradient: nine pairs per measurement, one spike, one vanished gradient. */
    val pairs: Table =
        table(text("kind"), whole("seed"), whole("step"), quantity("defect"), quantity("gradient")) { add ->
            for (kind in listOf("equal m", "different m")) for (seed in 1..3) for (i in 1..20) for (pair in 1..9) {
                val spike = if (kind == "equal m" && seed == 2 && i == 12 && pair == 9) 3.0 else 0.0
                val gradient = if (seed == 1 && i == 4 && pair == 3) 0.0 else exp(-0.3 * i + noise(0.5))
                add(kind, seed, i * 50, exp(1 + 0.1 * i + noise(0.6) + spike), gradient)
            }
        }

    private val cells: Table =
        table(whole("m_A"), whole("m_B"), whole("seed"), quantity("defect")) { add ->
            for (a in 1..4) for (b in 1..4) for (seed in 1..3) add(
                a,
                b,
                seed,
                2 + 1.7 * abs(a - b) + random.nextDouble(),
            )
        }

    private val byLargest: Table =
        table(text("matrix"), whole("m_max"), whole("seed"), quantity("r90")) { add ->
            for (matrix in matrices) for (m in listOf(1, 2, 4, 6)) for (seed in 1..3) add(
                matrix,
                m,
                seed,
                base.getValue(matrix) + 0.1 * m + noise(0.2),
            )
        }

    private val stages: Table =
        table(text("stage"), text("arm"), whole("seed"), quantity("accuracy")) { add ->
            for ((i, stage) in listOf("early", "middle", "late").withIndex()) for ((j, arm) in
                listOf("before", "ablated", "reconstruction", "random latents").withIndex()) for (seed in 1..3) add(
                stage,
                arm,
                seed,
                0.5 + 0.22 * i - 0.03 * j + noise(0.01),
            )
        }

    /** m, seed, step, accuracy: 6 x 12 x 41 rows. */
    val accuracy: Table =
        table(whole("m"), whole("seed"), whole("step"), quantity("accuracy")) { add ->
            for (m in 1..6) for (seed in 1..12) for (i in 0..40) add(
                m,
                seed,
                i * 500,
                1 / (1 + 7 * exp(-(i - 4 * m + noise(0.5)) * 0.7)),
            )
        }

    /** Accuracy at three widths, two seeds each. */
    val byWidth: Table =
        table(whole("width"), whole("seed"), quantity("accuracy")) { add ->
            for (width in listOf(8, 16, 32)) for (seed in 1..2) add(width, seed, 0.1 * seed + 0.01 * width)
        }

    /** Two learning rates a million apart, an axis with a name of several words, two weight decays. */
    val byRate: Table =
        table(text("decay"), quantity("learning rate (η)"), text("seed"), quantity("accuracy")) { add ->
            for (decay in listOf("0.3", "0.30000000000000004")) for (rate in listOf(0.1f, 1e-7f)) for (seed in
                listOf("4294967296", "-1")) add(decay, rate.toDouble(), seed, 0.2 + noise(0.05))
        }

    private val delays: Table =
        table(text("kind"), text("strength"), text("seed"), text("never"), quantity("value")) { add ->
            for (strength in 0..1) for (seed in 1..3) add(
                "kick",
                "$strength",
                "$seed",
                Bound.NONE,
                100.0 * strength * seed,
            )
            add("kick", "2", "1", Bound.NONE, 500.0)
            add("kick", "2", "2", Bound.AT_LEAST, 900.0)
            add("kick", "2", "3", Bound.AT_MOST, -100.0)
            add("kick", "3", "1", Bound.NONE, 700.0)
            add("kick", "3", "2", Bound.UNKNOWN, Double.NaN)
        }

    private val grokSteps: Table =
        table(text("operation"), text("rate"), text("seed"), text("never"), quantity("step")) { add ->
            for (operation in listOf("a + b", "a b")) for (rate in listOf("1e-3", "3e-3")) for (seed in 1..2) {
                val never = operation == "a b" && rate == "3e-3" && seed == 2
                add(
                    operation,
                    rate,
                    "$seed",
                    if (never) Bound.AT_LEAST else Bound.NONE,
                    if (never) 3000.0 else 1000.0 * seed + if (operation == "a b" && rate == "3e-3") 1000.0 else 0.0,
                )
            }
        }

    private val walk = "uncorrelated walk"
    private val defect = Axis("defect", "defect D", "1 / weight norm", log = true)

    fun overSteps(title: String = "r90 of every matrix over training", caption: String = ""): Figure =
        lines(
            "r90-over-steps",
            title,
            overSteps,
            Axis.STEP,
            rank,
            "matrix",
            nulls = listOf(Null(walk, nullOverSteps, "r90")),
            references = listOf(Reference(3.0, "published: 3")),
            caption = caption,
        )

    fun byLayer(): Figure =
        pointsByLayer(
            "r90-by-layer",
            "Intrinsic dimension by layer and matrix",
            byLayer,
            rank,
            listOf(Null(walk, nullByLayer, "mid", "low", "high")),
            published = published,
        )

    /** One figure of every kind. */
    fun all(): List<Figure> =
        listOf(
            overSteps(
                caption =
                    "The dashed curve is a walk whose steps are as long as the run's and point anywhere: what a path without any direction would give at the same number of snapshots."
            ),
            lines(
                "r90-panels",
                "r90 of every matrix over training",
                overSteps,
                Axis.STEP,
                rank,
                "matrix",
                Facet("matrix", 2),
                nulls = listOf(Null(walk, nullOverSteps, "r90")),
            ),
            byLayer(),
            pointsBy(
                "r90-one-panel",
                "Intrinsic dimension by layer and matrix",
                byLayer,
                Axis.layers(5),
                rank,
                "matrix",
                nulls = listOf(Null(walk, nullByLayer, "mid", "low", "high")),
            ),
            pointsBy(
                "r90-by-largest-m",
                "Dimension against the largest m trained on",
                byLargest,
                Axis("m_max", "largest m", breaks = listOf(1.0, 2.0, 4.0, 6.0)),
                rank,
                "matrix",
                spread = Spread.INTERVAL,
            ),
            pointsBy(
                "sae",
                "Accuracy before and after ablating the latents that correlate with m",
                stages,
                Axis("stage", "training stage"),
                Axis("accuracy", "accuracy", "share of 512 sequences"),
                "arm",
                references = listOf(Reference(0.25, "chance")),
            ),
            lines(
                "accuracy",
                "Accuracy for every number of markers",
                accuracy,
                Axis.STEP,
                Axis("accuracy", "accuracy"),
                "m",
                references = listOf(Reference(0.125, "chance 1/8"), Reference(0.95, "trained: .95")),
                spread = Spread.INTERVAL,
            ),
            lines(
                "accuracy-panels",
                "Accuracy for every number of markers",
                accuracy.where { it.number("m") < 5 },
                Axis.STEP,
                Axis("accuracy", "accuracy"),
                "m",
                Facet("m", 4),
            ),
            cloud(
                "defect",
                "Commutator defect of single pairs of batches",
                pairs,
                Axis.STEP,
                defect,
                "kind",
                legend = "pairs of",
            ),
            scatter(
                "defect-gradient",
                "Defect against the gradient norm",
                pairs,
                Axis("gradient", "gradient norm", "loss per weight norm", log = true),
                defect,
                Axis.STEP,
            ),
            pointsBy(
                "accuracy-by-width",
                "Accuracy against the width, logarithmic",
                byWidth,
                Axis("width", "width", log = true, breaks = listOf(8.0, 16.0, 32.0)),
                Axis.accuracy(),
                references = listOf(Reference(0.125, "chance")),
            ),
            pointsBy(
                "accuracy-by-width-linear",
                "Accuracy against the width",
                byWidth,
                Axis("width", "width", breaks = listOf(8.0, 16.0, 32.0)),
                Axis.accuracy(),
            ),
            pointsBy(
                "accuracy-at-one-width",
                "Accuracy at one width",
                byWidth.where { it.number("width") == 8.0 },
                Axis("width", "width", log = true, breaks = listOf(8.0)),
                Axis.accuracy(),
            ),
            pointsBy(
                "accuracy-by-rate",
                "Accuracy against the learning rate",
                byRate,
                Axis(
                    "learning rate (η)",
                    "learning rate (η)",
                    log = true,
                    breaks = listOf(1e-7f.toDouble(), 0.1f.toDouble()),
                ),
                Axis.accuracy(),
                "decay",
            ),
            pointsBy(
                "delay",
                "Delay of generalisation",
                delays,
                Axis("strength", "strength"),
                Axis("value", "delay", "optimiser steps"),
                "kind",
                references = listOf(Reference(0.0, "as the plain run")),
                bound = "never",
            ),
            heatMap(
                "grok-step",
                "Step at which runs grok",
                grokSteps,
                Axis("operation", "operation"),
                Axis("rate", "learning rate"),
                Axis("step", "step", "optimiser steps"),
                "%.0f",
                bound = "never",
            ),
            heatMap(
                "defect-by-m",
                "Defect by the number of markers in both batches",
                cells,
                Axis("m_A", "m of batch A"),
                Axis("m_B", "m of batch B"),
                Axis("defect", "median defect D", "1 / weight norm"),
            ),
        )

    /** Those of [measured] that draw seeds and means as points in one panel. */
    val ofPoints =
        setOf(
            "r90-one-panel",
            "r90-by-largest-m",
            "accuracy-by-width",
            "accuracy-by-width-linear",
            "accuracy-at-one-width",
            "accuracy-by-rate",
        )

    /** The figures whose x is a quantity: with their rows, and x. */
    fun measured(): List<Triple<Figure, Table, String>> {
        val tables =
            mapOf(
                "r90-one-panel" to (byLayer to "layer"),
                "r90-by-largest-m" to (byLargest to "m_max"),
                "accuracy-by-width" to (byWidth to "width"),
                "accuracy-by-width-linear" to (byWidth to "width"),
                "accuracy-at-one-width" to (byWidth.where { it.number("width") == 8.0 } to "width"),
                "accuracy-by-rate" to (byRate to "learning rate (η)"),
                "r90-over-steps" to (overSteps to "step"),
                "accuracy" to (accuracy to "step"),
                "defect" to (pairs to "step"),
                "defect-gradient" to (pairs to "gradient"),
                "r90-by-layer" to (byLayer to "layer"),
                "r90-panels" to (overSteps to "step"),
                "accuracy-panels" to (accuracy to "step"),
            )
        val found = all().mapNotNull { figure -> tables[figure.name]?.let { Triple(figure, it.first, it.second) } }
        check(found.size == tables.size) { "one of these examples is gone: ${tables.keys}" }
        return found
    }

    private fun table(vararg columns: Table.Column, fill: (add: (Array<out Any>) -> Unit) -> Unit): Table {
        val builder = Table.builder(columns.toList())
        fill { cells -> builder.row(*cells) }
        return builder.build()
    }

    private operator fun ((Array<out Any>) -> Unit).invoke(vararg cells: Any) = this(cells)
}
