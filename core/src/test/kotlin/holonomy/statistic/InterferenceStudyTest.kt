package holonomy.statistic

import holonomy.data.UserError
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Stage
import holonomy.store.Store
import holonomy.task.Stream
import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.math.sqrt

private val words = WordEncoding.of(192, 4)

private val task =
    LanguageTask(StoryGenerator.filling(words.lexicon(), 49), words, 32, 3)
        .with(Probe.of(words, 3, .5, Probe.Gaps(1, 5), Probe.Gaps(6, 9), 4))

private val states = SnapshotPlan.of(WeightGroup.ALL, 2)

private val spec =
    RunSpec(
        task,
        Architecture(192, 32, 192, 1, 2, 16, 32, Design.LANGUAGE),
        Training(AdamW.of(1e-3), Schedule.constant(), 4, 6, 1.0)
            .weighing("text", Schedule.constant())
            .weighing("probe", Schedule.level(2.0)),
        1,
    )

class InterferenceStudyTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())
        val stored =
            Runner(store, ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
                .run(listOf(RunRequest(spec, "run", setOf(states), listOf())), { false })
                .single()
                .run()
                .get()
        val runs = StoredRuns(listOf(RunSet.Member("run", 1, task, spec, stored)))
        val rows =
            DerivedRunner(store, 1, Progress.NONE)
                .run(listOf(InterferenceStudy(runs, states, "probe", "text", 3, "interference")), { false })
                .single()
                .stored()
                .get()
                .table(InterferenceStudy.INTERFERENCE)

        "one row per state and batch, and between batches one fewer of each group" {
            rows.size() shouldBe 2 * (3 + 2 + 2)
        }

        "a group's gradient is the slope of its own mean loss, by finite differences in float64" {
            val theta = Stage.weights(stored, spec, states, 4)
            val batch = task.batch(Stream.of(1, "interference"), 4 * 3, 6)
            spec.model().open(ComputeDevice.CPU).use { network ->
                network.openTwinInFloat64().use { precise ->
                    val matrices = spec.model().layout().group(WeightGroup.MATRICES)
                    val gradients =
                        listOf("probe", "text").map { group ->
                            val g = InterferenceStudy.gradient(spec, network, theta, batch, group)
                            val only = task.groups().map { if (it == group) 1.0 else 0.0 }.toDoubleArray()
                            val length = sqrt(g.sumOf { it * it })
                            fun loss(by: Double) =
                                precise.loss(
                                    DoubleArray(theta.size) { theta[it] + by * g[it] / length },
                                    batch.weighted(only),
                                )
                            (loss(1e-4) - loss(-1e-4)) / 2e-4 shouldBe (length plusOrMinus 1e-4 * length)
                            g
                        }
                    for ((i, x) in gradients[0].withIndex()) {
                        if (matrices.none { i in it.offset() until it.offset() + it.size() }) x shouldBe 0.0
                    }
                    val (a, b) = gradients
                    val cosine =
                        a.indices.sumOf { a[it] * b[it] } / sqrt(a.sumOf { it * it }) / sqrt(b.sumOf { it * it })
                    rows
                        .rows()
                        .first {
                            it.number(Measure.STEP) == 4.0 &&
                                it.text(InterferenceStudy.BETWEEN) == InterferenceStudy.both("probe", "text")
                        }
                        .number(Measure.VALUE) shouldBe (cosine plusOrMinus 1e-9)
                }
            }
        }

        "its mean over the states from a share of the steps on, per seed" {
            val between = InterferenceStudy.alike("text")
            fun of(step: Double) =
                rows
                    .rows()
                    .filter { it.text(InterferenceStudy.BETWEEN) == between && it.number(Measure.STEP) >= step }
                    .map { it.number(Measure.VALUE) }
            InterferenceStudy.mean(rows, runs, between, .5).bySeed()[1L]!! shouldBe
                (of(2.0).average() plusOrMinus 1e-12)
            InterferenceStudy.mean(rows, runs, between, .0).bySeed()[1L]!! shouldBe (of(.0).average() plusOrMinus 1e-12)
        }

        "a single batch is refused" {
            shouldThrow<UserError> { InterferenceStudy(runs, states, "probe", "text", 1, "interference") }
                .message shouldBe "interference: expected at least 2 batches, found 1"
        }
    })
