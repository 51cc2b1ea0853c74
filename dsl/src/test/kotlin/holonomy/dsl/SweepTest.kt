package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.measure.Measure
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.grokking.pairAccuracy
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import holonomy.study.markers.markedSum
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe

private val width = axis("width", 8, 16)
private val rate = axis("learning rate", listOf(1e-3, 3e-3))
private val most = axis("most markers", 1..2)

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", block = block) }

private fun swept(
    sweep: Sweep,
    seeds: List<Long> = listOf(1),
    model: (Setting) -> Arm = { tiny.attentionOnly },
    on: (Setting) -> holonomy.task.Task = { tiny.mainTask },
) = declared { train(sweep, model, on, seeds) { measure(accuracy(3)) } }

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

private fun wide(setting: Setting) = tiny.copy(width = setting[width]).attentionOnly

class SweepTest :
    FreeSpec({
        "architecture is an axis like any: every part of a design in one line, each value a model of its own" {
            val norm = axis("norm", Design.Norm.PRE, Design.Norm.POST, Design.Norm.RMS, Design.Norm.NONE)
            val activation =
                axis("activation", Design.Activation.GELU, Design.Activation.RELU, Design.Activation.SWIGLU)
            val positions = axis("positions", Design.Positions.LEARNED, Design.Positions.ROTARY, Design.Positions.NONE)
            val biases = axis("biases", Design.Biases.ALL, Design.Biases.NONE)
            val start = axis("start", .5, 1.0)
            val model = { it: Setting ->
                tiny.attentionOnly
                    .copy(hidden = 8)
                    .with(it[norm], it[activation], it[positions], it[biases])
                    .scalingStart(it[start])
            }
            val all = swept(sweep(norm, activation, positions, biases, start), model = model).requests
            all.map { it.id() }.toSet().size shouldBe 4 * 3 * 3 * 2 * 2
            all.last().label() shouldBe
                "attention-only, norm NONE, activation SWIGLU, positions NONE, biases NONE, start 1, seed 1"
            // What a design departs in may be the axis itself; what is as by default has the id it had.
            val departure =
                axis("departure", Design.Norm.RMS, Design.Activation.RELU, Design.Biases.NONE, Design.Norm.PRE)
            val departed = swept(sweep(departure), model = { tiny.attentionOnly.with(it[departure]) }).requests
            departed.map { it.id() }.toSet().size shouldBe 4
            declared { train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1)) { measure(accuracy(3)) } }
                .requests
                .single()
                .id() shouldBe departed.last().id()
            mistake { axis("departure", Design.Norm.NONE, Design.Biases.NONE) } shouldBe
                "sweep axis 'departure' has 2 different values that tables show as 'NONE'; use an axis of its own for each kind of choice"
        }

        "a grid has every point, the last axis fastest, over model, training and task" {
            val model = { it: Setting -> tiny.copy(width = it[width], learningRate = it[rate]).attentionOnly }
            val one = swept(sweep(width, rate, most), model = model, on = { tiny.markedSum(1..it[most]) })
            one.requests.size shouldBe 8
            one.requests.take(3).map { it.label() } shouldBe
                listOf(
                    "attention-only, width 8, learning rate 0.001, most markers 1, seed 1",
                    "attention-only, width 8, learning rate 0.001, most markers 2, seed 1",
                    "attention-only, width 8, learning rate 0.003, most markers 1, seed 1",
                )
            one.requests
                .map {
                    Triple(
                        it.spec().model().width(),
                        it.spec().training().optimizer().learningRate(),
                        it.spec().task().evaluationSets().size,
                    )
                }
                .toSet()
                .size shouldBe 8
        }
        "zipped axes go together, conditions choose points" {
            val model = { it: Setting -> tiny.copy(width = it[width], learningRate = it[rate]).attentionOnly }
            swept(sweep(width zip rate), model = model).requests.map { it.label() } shouldBe
                listOf(
                    "attention-only, width 8, learning rate 0.001, seed 1",
                    "attention-only, width 16, learning rate 0.003, seed 1",
                )
            swept(sweep(width, rate).where { it[width] == 8 || it[rate] == 1e-3 }, model = model).requests.size shouldBe
                3
        }
        "an axis may have any name: one that tables have as a column anyway gets a word behind it there" {
            val measures =
                listOf(
                    accuracy(1),
                    trainingCurve(1),
                    pairAccuracy(1),
                    attentionEntropy(1),
                    trajectorySpectrum(),
                    subspaceDistance(9),
                    headSpectra(9),
                    cosineToFinal(9),
                    decayControls(snapshots = 9),
                    commutators(1, 9),
                    converse(1, 9, 1),
                )
            val columns = measures.flatMap { it.measure.columns().map { column -> column.name() } }
            for (name in columns + listOf("seed", "arm", "task", "m_max", "value", "mean", "series")) {
                axis(name, 1, 2).column shouldBe Table.whole("$name (axis)")
            }
            for (name in listOf("width", "learning rate", "../w\"", "β₁, β₂", "{}", "..count..", "a.b[c]")) {
                axis(name, 0.5).column shouldBe Table.quantity(name)
            }
        }
        "seeds" { seeds(3..5) shouldBe listOf(3L, 4L, 5L) }

        "an edited axis trains only the new points; labels reach the tables" {
            val store = tempdir().toPath()
            fun train(widths: SweepAxis<Int>): Pair<Experiment, List<String>> {
                lateinit var runs: Runs
                val experiment = declared {
                    runs =
                        train(
                            sweep(widths, rate),
                            { tiny.copy(width = it[widths], learningRate = it[rate], steps = 6).attentionOnly },
                            { tiny.mainTask },
                            seeds(1..3),
                        ) {
                            measure(accuracy(2, 16))
                        }
                }
                val trained = java.util.Collections.synchronizedList(mutableListOf<String>())
                val heard =
                    object : Progress by Progress.NONE {
                        override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
                            trained += label
                        }
                    }
                val results = Runner(Store.open(store), ComputeDevice.CPU, 1, heard).run(experiment.requests) { false }
                experiment.archive.fill(results.associate { it.request().id() to it.run().get() })
                val table = runs.table(accuracy(2, 16))
                table.columns().take(7) shouldBe
                    listOf(
                        Table.text("run"),
                        Table.text("arm"),
                        Table.text("task"),
                        Table.text("seed"),
                        Table.whole("m_max"),
                        Table.whole("width"),
                        Table.quantity("learning rate"),
                    )
                runs.of(rate, 1e-3).table(accuracy(2, 16)).rows().map { it.number("learning rate") }.toSet() shouldBe
                    setOf(1e-3)
                return experiment to trained
            }
            train(axis("width", 8, 16)).second.size shouldBe 12
            val (edited, trained) = train(axis("width", 8, 16, 24))
            edited.requests.size shouldBe 18
            trained.size shouldBe 6
            trained.all { "width 24" in it } shouldBe true
            edited.requests.map { it.label() } shouldContainAll trained
        }

        "mistakes" -
            {
                "an axis that nothing uses" {
                    mistake { swept(sweep(width, rate), model = ::wide) } shouldBe
                        "sweep axis 'learning rate' is used by neither model nor task; use it[...] there, or remove the axis"
                }
                "two points of one identity" {
                    mistake {
                        swept(sweep(width), model = { tiny.copy(width = minOf(it[width], 8)).attentionOnly })
                    } shouldBe
                        "experiment 'one': two points of the sweep are the same run (attention-only, width 8, seed 1; attention-only, width 16, seed 1); remove one of them"
                }
                "an axis of another sweep" {
                    mistake {
                        swept(
                            sweep(width),
                            model = {
                                it[rate]
                                wide(it)
                            },
                        )
                    } shouldBe "sweep: axis 'learning rate' is not one of this sweep's (width)"
                }
                "a value twice" {
                    mistake { axis("width", 8, 8) } shouldBe
                        "sweep axis 'width' has the value 8 twice; remove one of them"
                }
                "no value" {
                    mistake { axis("width", listOf<Int>()) } shouldBe
                        "sweep axis 'width' has no values; expected at least one"
                }
                "a name of nothing or of several lines" {
                    mistake { axis(" ", 8) } shouldBe
                        "sweep axis ' ': expected a name of at least one letter, digit or sign on one line"
                    mistake { axis("w\u0007\n", 8) } shouldBe
                        "sweep axis 'w\\u0007\\u000a': expected a name of at least one letter, digit or sign on one line"
                }
                "a name that a measure of the user's own has as a column" {
                    val own =
                        object : Measure by accuracy(3).measure {
                            override fun columns() = listOf(Table.whole("step"), Table.quantity("width"))
                        }
                    mistake {
                        declared {
                            train(sweep(width), ::wide, { tiny.mainTask }, listOf(1)) { measure(MeasureHandle(own)) }
                        }
                    } shouldBe "sweep axis 'width': measure 'accuracy' has a column 'width'; give the axis another name"
                }
                "zipped axes of different length" {
                    mistake { width zip axis("rate", 1.0) } shouldBe
                        "sweep: 'width' has 2 values, 'rate' 1; axes that are zipped need as many of each"
                }
                "one name twice" {
                    mistake { sweep(width, axis("width", 3)) } shouldBe
                        "sweep: two axes are named 'width'; give one of them another name"
                }
                "no point left" {
                    mistake { sweep(width).where { it[width] > 99 } } shouldBe
                        "sweep over width: no point satisfies the condition"
                }
                "a value that is not there" {
                    mistake {
                        declared { train(sweep(width), ::wide, { tiny.mainTask }, listOf(1)) {}.of(width, 9) }
                    } shouldBe
                        "these runs have no width 9; they have attention-only, width 8, seed 1; attention-only, width 16, seed 1"
                }
            }
    })
