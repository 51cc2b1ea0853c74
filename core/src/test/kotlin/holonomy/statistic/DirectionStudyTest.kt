package holonomy.statistic

import holonomy.curvature.LossCurvature
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.PathDirection
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
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.Stream
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.math.ln
import kotlin.math.sqrt

private const val SEQUENCES = 12

private val task = PairTask.of(Operation.sum(7)).forSeed(1)
private val path = SnapshotPlan.of(WeightGroup.MATRICES, 11)
private val states = SnapshotPlan.of(WeightGroup.ALL, 3)
private val model = Architecture(7, 2, 7, 1, 2, 8, 16, Design.ENCODER)
private val layout = model.layout()
private val trunk = layout.group(WeightGroup.MATRICES)
private val spec = RunSpec(task, model, Training(AdamW.of(1e-2), Schedule.constant(), 20, 16, 1.0), 1)

private fun dot(a: DoubleArray, b: DoubleArray) = a.indices.sumOf { a[it] * b[it] }

class DirectionStudyTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())
        val stored =
            Runner(store, ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
                .run(listOf(RunRequest(spec, "run", setOf(path, states), listOf())), { false })
                .single()
                .run()
                .get()
        val runs = StoredRuns(listOf(RunSet.Member("run", 1, task, spec, stored)))
        val derived =
            DerivedRunner(store, 1, Progress.NONE)
                .run(listOf(DirectionStudy(runs, path, states, SEQUENCES, 40, 4, .1, "directions")), { false })
                .single()
                .stored()
                .get()
        val quotients = derived.table(DirectionStudy.QUOTIENTS)
        val pushes = derived.table(DirectionStudy.PUSHES)

        /** A snapshot of the trunk in the place of each weight, 0 elsewhere. */
        fun at(snapshot: Int) =
            Snapshots.of(stored, spec, path).use { snapshots ->
                DoubleArray(layout.size()).also { whole ->
                    for (name in snapshots.blocks()) {
                        val part = FloatArray(snapshots.dimension(name).toInt())
                        snapshots.read(snapshot, name, 0, part, part.size)
                        part.forEachIndexed { i, x -> whole[layout.block(name).offset() + i] = x.toDouble() }
                    }
                }
            }
        fun minus(a: DoubleArray, b: DoubleArray) = DoubleArray(a.size) { a[it] - b[it] }
        val v =
            Snapshots.of(stored, spec, path).use { snapshots ->
                val direction = PathDirection.principal(Gram.whole("trunk", snapshots), Centring.ROW_NORMALISED)
                DoubleArray(layout.size()).also { whole ->
                    for (name in snapshots.blocks()) {
                        direction.weights(snapshots, name).copyInto(whole, layout.block(name).offset())
                    }
                }
            }
        val moved = minus(at(5), at(0))
        val directions =
            mapOf(
                DirectionStudy.BACKBONE to v,
                DirectionStudy.ACROSS to DoubleArray(v.size) { moved[it] - dot(moved, v) * v[it] },
                DirectionStudy.STEP_AHEAD to minus(at(6), at(5)),
                DirectionStudy.MISREAD to
                    DoubleArray(v.size).also { whole ->
                        val written =
                            trunk.sortedBy { it.name() }.flatMap { b -> List(b.size()) { v[b.offset() + it] } }
                        val places = trunk.flatMap { b -> List(b.size()) { b.offset() + it } }
                        places.zip(written) { place, x -> whole[place] = x }
                    },
            )
        val theta =
            Stage.weights(stored, spec, states, 10).let { narrow -> DoubleArray(narrow.size) { narrow[it].toDouble() } }
        val batch = task.batch(Stream.of(Stream.of(1, "directions").key(), "batches"), 10, SEQUENCES)
        fun quotient(series: String, direction: String, statistic: String) =
            quotients
                .rows()
                .single {
                    it.text(DirectionStudy.OPERATOR) == series &&
                        it.text(DirectionStudy.DIRECTION) == direction &&
                        it.text(Measure.STATISTIC) == statistic
                }
                .number(Measure.VALUE)

        "of the covariance: the variance of single sequences' slopes along a direction of length 1" {
            model.openFloat64(ComputeDevice.CPU).use { network ->
                val gradients =
                    List(SEQUENCES) { b ->
                        DoubleArray(v.size).also { network.gradient(theta, batch.part(b, b + 1), it) }
                    }
                for ((name, u) in directions) withClue(name) {
                    val slopes = gradients.map { dot(it, u) / sqrt(dot(u, u)) }
                    val mean = slopes.average()
                    val variance = slopes.map { (it - mean) * (it - mean) }.average()
                    val found = quotient(DirectionStudy.COVARIANCE, name, DirectionStudy.QUOTIENT)
                    found shouldBe (variance plusOrMinus 1e-6 * variance)
                    val random = quotient(DirectionStudy.COVARIANCE, name, DirectionStudy.RANDOM_QUOTIENT)
                    quotient(DirectionStudy.COVARIANCE, name, DirectionStudy.RATIO) shouldBe
                        (found / random plusOrMinus 1e-9 * found / random)
                }
            }
        }

        "of the Gauss-Newton matrix: v'Gv / v'v at the same weights" {
            model.openFloat64(ComputeDevice.CPU).use { network ->
                val g = LossCurvature.gaussNewton(network, theta, batch)
                for ((name, u) in directions) {
                    val expected = dot(u, g.times(u)) / dot(u, u)
                    quotient(DirectionStudy.GAUSS_NEWTON, name, DirectionStudy.QUOTIENT) shouldBe
                        (expected plusOrMinus 1e-5 * expected)
                }
            }
        }

        "a push costs the group's loss with the block moved less the loss here" {
            model.openFloat64(ComputeDevice.CPU).use { network ->
                val here = network.loss(theta, batch)
                for (block in trunk) for (name in listOf(DirectionStudy.BACKBONE, DirectionStudy.STEP_AHEAD)) {
                    val range = block.offset() until block.offset() + block.size()
                    val u = directions.getValue(name)
                    val far = .1 * sqrt(range.sumOf { theta[it] * theta[it] }) / sqrt(range.sumOf { u[it] * u[it] })
                    fun cost(sign: Int) =
                        network.loss(
                            DoubleArray(v.size) { theta[it] + if (it in range) sign * far * u[it] else .0 },
                            batch,
                        ) - here
                    fun found(statistic: String) =
                        pushes
                            .rows()
                            .single {
                                it.text(Measure.BLOCK) == block.name() &&
                                    it.text(DirectionStudy.DIRECTION) == name &&
                                    it.text(Measure.STATISTIC) == statistic
                            }
                            .number(Measure.VALUE)
                    found(DirectionStudy.ALONG) shouldBe (cost(1) plusOrMinus 1e-6)
                    found(DirectionStudy.AGAINST) shouldBe (cost(-1) plusOrMinus 1e-6)
                    found(DirectionStudy.BOTH_WAYS) shouldBe ((cost(1) + cost(-1)) / 2 plusOrMinus 1e-6)
                }
            }
        }

        "numbers per seed: geometric mean of ratios over the moments, mean of costs over blocks and moments" {
            val ratio = DirectionStudy.ratio(quotients, runs, DirectionStudy.COVARIANCE, DirectionStudy.BACKBONE)
            ratio.bySeed()[1L]!! shouldBe
                (quotient(DirectionStudy.COVARIANCE, DirectionStudy.BACKBONE, DirectionStudy.RATIO) plusOrMinus 1e-9)
            val twice =
                Table.builder(quotients.columns())
                    .also { rows ->
                        for (factor in listOf(1.0, 4.0)) quotients.rows().forEach { row ->
                            rows.row(
                                *quotients
                                    .columns()
                                    .map { if (it == Measure.VALUE) factor * row.number(it) else row.value(it) }
                                    .toTypedArray()
                            )
                        }
                    }
                    .build()
            val both = DirectionStudy.ratio(twice, runs, DirectionStudy.COVARIANCE, DirectionStudy.BACKBONE)
            ln(both.bySeed()[1L]!! / ratio.bySeed()[1L]!!) shouldBe (ln(2.0) plusOrMinus 1e-9)
            val costs =
                pushes
                    .rows()
                    .filter {
                        it.text(DirectionStudy.DIRECTION) == DirectionStudy.STEP_AHEAD &&
                            it.text(Measure.STATISTIC) == DirectionStudy.BOTH_WAYS
                    }
                    .map { it.number(Measure.VALUE) }
            costs.size shouldBe trunk.size
            val group = task.groups().single()
            DirectionStudy.push(pushes, runs, DirectionStudy.STEP_AHEAD, group, DirectionStudy.BOTH_WAYS)
                .bySeed()[1L]!! shouldBe (costs.average() plusOrMinus 1e-12)
            DirectionStudy.overBlocks(pushes, DirectionStudy.STEP_AHEAD).rows().map {
                it.text(Measure.STATISTIC)
            } shouldContainExactlyInAnyOrder
                listOf(DirectionStudy.ALONG, DirectionStudy.AGAINST, DirectionStudy.BOTH_WAYS, DirectionStudy.AT_RANDOM)
        }

        "mistakes are named" {
            shouldThrow<UserError> { DirectionStudy(runs, path, states, 1, 4, 4, .1, "directions") }.message shouldBe
                "directions: expected at least 3 states, 2 sequences, 1 random direction of each kind and a push above 0, found 3, 1, 4, 4 and 0.1"
        }
    })
