package holonomy.dsl

import holonomy.Nightly
import holonomy.data.Table
import holonomy.figure.Exporter
import holonomy.figure.Figure
import holonomy.figure.FigureContext
import holonomy.model.ComputeDevice
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.heldOut
import holonomy.study.markers.mainTask
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.fileSize

private val small =
    tiny.copy(
        task = tiny.task.copy(heldOut = 8),
        layers = 1,
        heads = 1,
        width = 8,
        steps = 6,
        batch = 4,
        snapshots = 4,
        evaluations = 2,
    )

/** The experiment's figures, its runs trained in a store of their own. */
private fun drawn(store: Path, block: ExperimentScope.() -> Unit): Map<String, Figure> {
    val experiment = Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", block = block) }
    val results = Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE).run(experiment.requests) { false }
    experiment.archive.fill(results.associate { it.request().id() to it.run().get() })
    return experiment.figures.associate { it.name to it.build() }
}

private fun Figure.x(role: String, column: String) =
    layers.single { it.role == role }.table.rows().map { it.number(column) }.distinct()

class SweepPicturesTest :
    FreeSpec({
        fun export(figures: Map<String, Figure>) {
            for ((name, figure) in figures) withClue(name) {
                val files = Exporter(tempdir().toPath()).export(figure, FigureContext("quick", 2)).files
                files.count { it.fileSize() > 0 } shouldBe 4
            }
        }

        "an axis with a space in its name"
            .config(tags = setOf(Nightly)) {
                val rate = axis("learning rate", 1e-3, 2e-3)
                val accuracy = accuracy(small.evaluations, small.heldOut)
                val spectrum = trajectorySpectrum(snapshots = small.snapshots, shuffledWindows = 1)
                val figures =
                    drawn(tempdir().toPath()) {
                        val model = { it: Setting -> small.copy(learningRate = it[rate]).attentionOnly }
                        val runs =
                            train(sweep(rate), model, { small.mainTask }, seeds(1..2)) { measure(accuracy, spectrum) }
                        figure("accuracy") { accuracyAgainst(runs, accuracy, rate) }
                        figure("r90") {
                            quantityAgainst(runs, spectrum.r90Interpolated, rate, beside = uncorrelatedWalk)
                        }
                    }
                figures.values.map { it.name }.distinct() shouldBe listOf("against-learning-rate")
                for (role in listOf("mean", "seeds", "null")) {
                    figures.getValue("r90").x(role, "learning rate") shouldBe listOf(1e-3, 2e-3)
                }
                export(figures)
            }

        "an axis named like a column, and one of signs"
            .config(tags = setOf(Nightly)) {
                for (names in listOf("seed" to "value", "mean" to "β/{}\"..x..\"", "accuracy" to "m")) withClue(names) {
                    val width = axis(names.first, 8, 16)
                    val decay = axis(names.second, 0.0, 0.1)
                    val accuracy = accuracy(small.evaluations, small.heldOut)
                    val figures =
                        drawn(tempdir().toPath()) {
                            val model = { it: Setting ->
                                small.copy(width = it[width], weightDecay = it[decay]).attentionOnly
                            }
                            val runs =
                                train(sweep(width, decay), model, { small.mainTask }, seeds(1..2)) { measure(accuracy) }
                            figure("one") { accuracyAgainst(runs, accuracy, width, colour = decay) }
                            figure("other") { accuracyAgainst(runs, accuracy, decay, colour = width) }
                        }
                    figures.getValue("one").x("mean", "${names.first} (axis)") shouldBe listOf(8.0, 16.0)
                    export(figures)
                }
            }

        "seeds stand at the widths they were trained with, on a logarithmic axis, a linear one, and alone" {
            val width = axis("width", 8, 16, 32)
            val accuracy = accuracy(small.evaluations, small.heldOut)
            val figures =
                drawn(tempdir().toPath()) {
                    val model = { it: Setting -> small.copy(width = it[width]).attentionOnly }
                    val runs = train(sweep(width), model, { small.mainTask }, seeds(1..2)) { measure(accuracy) }
                    figure("log") { accuracyAgainst(runs, accuracy, width, log = true) }
                    figure("linear") { accuracyAgainst(runs, accuracy, width) }
                    figure("single") { accuracyAgainst(runs.of(width, 8), accuracy, width, log = true) }
                }
            for (role in listOf("mean", "seeds", "spread", "null")) withClue(role) {
                figures.getValue("log").x(role, "width") shouldBe listOf(8.0, 16.0, 32.0)
                figures.getValue("linear").x(role, "width") shouldBe listOf(8.0, 16.0, 32.0)
                figures.getValue("single").x(role, "width") shouldBe listOf(8.0)
            }
            export(figures)
        }

        "odd values of axes stay what they are" {
            val decay = axis("decay", 0.1 + 0.2, 0.3)
            val rate = axis("rate", 0.1f, 1e-7f)
            val accuracy = accuracy(small.evaluations, small.heldOut)
            lateinit var runs: Runs
            val figures =
                drawn(tempdir().toPath()) {
                    val model = { it: Setting ->
                        small.copy(learningRate = it[rate].toDouble(), weightDecay = it[decay]).attentionOnly
                    }
                    runs =
                        train(sweep(decay, rate), model, { small.mainTask }, listOf(4294967296L, -1L)) {
                            measure(accuracy)
                        }
                    figure("accuracy") { accuracyAgainst(runs, accuracy, rate, colour = decay, log = true) }
                }
            val figure = figures.getValue("accuracy")
            for (role in listOf("mean", "seeds", "null")) figure.x(role, "rate").sorted() shouldBe listOf(1e-7, 0.1)
            val seeds = figure.layers.single { it.role == "seeds" }.table
            seeds.columns().first { it.name() == "rate" } shouldBe Table.quantity("rate")
            seeds.rows().map { Triple(it.text("decay"), it.number("rate"), it.text("seed")) }.toSet().size shouldBe 8
            export(figures)
        }
    })
