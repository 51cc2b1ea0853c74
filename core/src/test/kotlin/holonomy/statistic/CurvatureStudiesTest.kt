package holonomy.statistic

import holonomy.claim.Sampling
import holonomy.curvature.Barrier
import holonomy.curvature.LearningCoefficient
import holonomy.curvature.LossCurvature
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.geometry.Orthonormal
import holonomy.geometry.Subspace
import holonomy.geometry.SymmetricEigen
import holonomy.geometry.SymmetricMatrix
import holonomy.measure.Cadence
import holonomy.measure.CurvatureMeasure
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Derived
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Stage
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.task.FixedSet
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import holonomy.train.AdamW
import holonomy.train.Fork
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Sgd
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs
import kotlin.math.hypot
import kotlin.math.pow
import kotlin.math.sqrt

private val task = MarkedTask(Operation.sum(2), 5, 6, 2, 2, listOf(1), MarkedTask.Placement.PER_SEQUENCE)
private val model = Architecture(6, 5, 2, 1, 1, 4, 2)
private val plan = SnapshotPlan.of(WeightGroup.ALL, 9)
private val whole = Phase(0.0, 1.0, "whole training")
private val sharp = CurvatureMeasure(Cadence.times(3), 2, 2, 0, 20, 0, false, listOf("hessian", "preconditioned"))

private fun spec(seed: Long, data: Long = seed, optimizer: Optimizer = AdamW.of(1e-2)) =
    RunSpec(task, model, Training(optimizer, 8, 16), seed, data)

private fun weights(run: StoredRun, spec: RunSpec, step: Long) =
    Stage.weights(run, spec, plan, step).let { theta -> DoubleArray(theta.size) { theta[it].toDouble() } }

class CurvatureStudiesTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())
        val parents = listOf(spec(1), spec(2))
        val forks = parents.map { it.forked(4, Fork.State.KEPT, task, it.training().lasting(4), 3 - it.initSeed()) }
        val apart = listOf(spec(1, 2), spec(2, 1))
        val descent = listOf(spec(1, 1, Sgd.of(.5)))
        val specs = parents + forks + apart + descent
        val requests =
            specs.mapIndexed { i, spec ->
                val kept = if (i < 2) setOf(4L) else setOf()
                val measured = if (i < 2 || i == 6) listOf(sharp) else listOf()
                kept.fold(RunRequest(spec, "run $i", setOf(plan), measured)) { request, step ->
                    request.keepingState(step)
                }
            }
        val stored = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(requests) { false }.map { it.run().get() }
        fun runs(vararg which: Int) =
            StoredRuns(which.map { RunSet.Member("run $it", specs[it].initSeed(), task, specs[it], stored[it]) })
        fun made(study: Derived) =
            DerivedRunner(store, 1, Progress.NONE).run(listOf(study)) { false }.single().stored().get()
        fun loss(spec: RunSpec, theta: DoubleArray, batches: Int) =
            model.open(ComputeDevice.CPU).use { network ->
                val drawn = Stream.of(spec.initSeed(), "loss between weights")
                val narrow = FloatArray(theta.size) { theta[it].toFloat() }
                (0L until batches).sumOf { network.loss(narrow, task.batch(drawn, it, 16)) } / batches
            }

        "numbers of curvature: over the edge of each run's own optimiser, shares beside k/d, means over batches" {
            val rows = stored[0].table(sharp.file()).rows()
            val top = rows.filter { it.text("statistic") == "eigenvalue" && it.text("ordinal") == "1" }
            fun mean(series: String) = top.filter { it.text("series") == series }.map { it.number("value") }.average()
            val numbers = CurvatureNumbers(sharp)
            numbers.overEdge(whole).of(runs(0)).bySeed()[1L]!! shouldBe
                (mean("preconditioned") / (38 / 1e-2) plusOrMinus 1e-9)
            numbers.sharpness(whole).of(runs(0)).bySeed()[1L]!! shouldBe (mean("hessian") plusOrMinus 1e-9)
            val plain = stored[6].table(sharp.file()).rows().filter { it.text("ordinal") == "1" }
            numbers.overEdge(whole).of(runs(6)).bySeed()[1L]!! shouldBe
                (plain.map { it.number("value") }.average() / 4 plusOrMinus 1e-9)
            numbers.share(CurvatureMeasure.CHANCE, whole).of(runs(0)).bySeed()[1L]!! shouldBe
                (2.0 / model.layout().size() plusOrMinus 1e-12)
            val last = Phase(.9, 1.0, "end")
            val ends = rows.filter { it.text("statistic") == "gradient share" && it.number("step") == 8.0 }
            ends.size shouldBe 2
            numbers.share(CurvatureMeasure.GRADIENT_SHARE, last).of(runs(0)).bySeed()[1L]!! shouldBe
                (ends.map { it.number("value") }.average() plusOrMinus 1e-12)
            numbers.edges(runs(0, 1), RunSet.RUN).rows().map { it.number("step") }.distinct() shouldBe listOf(4.0, 8.0)
            rows.any { it.text("series") == "gauss-newton" } shouldBe false
        }

        "the plane of a path: its snapshots' places and distances, losses at its points, shares off it and a walk's" {
            val kept = made(PlaneStudy(runs(0, 1), plan, PlaneStudy.Axes.Components(), 2, 5, "planes"))
            val path = kept.table(PlaneStudy.PATH).rows().filter { it.text("seed") == "1" }
            path.map { it.number("step") } shouldBe (0..8).map { it.toDouble() }
            val thetas = (0L..8).map { weights(stored[0], specs[0], it) }
            val mean = DoubleArray(thetas[0].size) { i -> thetas.map { it[i] }.average() }
            var off = 0.0
            var all = 0.0
            for ((row, theta) in path.zip(thetas)) {
                val from = DoubleArray(theta.size) { theta[it] - mean[it] }
                val square = Orthonormal.dot(from, from)
                val (x, y, distance) = listOf("x", "y", "distance").map(row::number)
                x * x + y * y + distance * distance shouldBe (square plusOrMinus 1e-6 * square + 1e-9)
                val start = DoubleArray(theta.size) { theta[it] - thetas[0][it] }
                row.number("moved") shouldBe (sqrt(Orthonormal.dot(start, start)) plusOrMinus 1e-6)
                off += distance * distance
                all += square
            }
            val shares = kept.table(PlaneStudy.SHARES)
            PlaneStudy.share(shares, runs(0, 1), PlaneStudy.OFF).bySeed()[1L]!! shouldBe (off / all plusOrMinus 1e-5)
            val walk = PlaneStudy.share(shares, runs(0, 1), PlaneStudy.OFF_OF_WALK).bySeed()[1L]!!
            (walk > .05 && walk < .5) shouldBe true
            val grid = kept.table(PlaneStudy.LOSSES).rows().filter { it.text("seed") == "1" }
            grid.size shouldBe 25
            val xs = grid.map { it.number("x") }.distinct()
            xs.first() shouldBe
                (path.minOf { it.number("x") } -
                    .25 * path.let { p -> p.maxOf { it.number("x") } - p.minOf { it.number("x") } } plusOrMinus 1e-9)
            grid.all { it.number("loss") in 1e-3..5.0 } shouldBe true
            val distances = PlaneStudy.distances(kept.table(PlaneStudy.PATH), "off", "from").rows()
            distances.groupingBy { it.text("statistic") }.eachCount() shouldBe mapOf("from" to 18, "off" to 18)
            PlaneStudy.distances(kept.table(PlaneStudy.PATH), "off", "").size() shouldBe 18
            shouldThrow<UserError> {
                    PlaneStudy(runs(0), SnapshotPlan.of(WeightGroup.ALL, 2), PlaneStudy.Axes.Components(), 1, 5, "")
                }
                .message shouldBe
                "loss plane: expected at least 3 snapshots, 1 batch and 2 points along an axis, found 2, 1 and 5"
        }

        "the plane of a path's first component and the sharpest direction at its end" {
            val axes = PlaneStudy.Axes.Sharpest(60)
            val study = PlaneStudy(runs(0), plan, axes, 2, 3, "sharpest")
            val kept = made(study)
            // The first kind of plane was all there was: its identity has no word for it.
            val first = PlaneStudy(runs(0), plan, PlaneStudy.Axes.Components(), 2, 3, "planes").spec()
            first.fieldNames().asSequence().toList() shouldBe
                listOf("kind", "semantics", "batches", "points", "snapshots", "runs")
            study.id() shouldNotBe PlaneStudy(runs(0), plan, PlaneStudy.Axes.Components(), 2, 3, "sharpest").id()
            // The Hessian written down, by differences of float64 gradients; its largest eigenvalue by power steps.
            val end = weights(stored[0], specs[0], 8)
            val drawn = Stream.of(1, "loss between weights")
            val hessian =
                model.open(ComputeDevice.CPU).use { network ->
                    network.openTwinInFloat64().use { precise ->
                        val gradients = (0L until 2).map { LossCurvature.field(precise, task.batch(drawn, it, 16)) }
                        end.indices.map { column ->
                            fun gradient(by: Double): DoubleArray {
                                val at = end.clone().also { it[column] += by }
                                return gradients
                                    .map { it.at(at) }
                                    .reduce { a, b -> DoubleArray(a.size) { (a[it] + b[it]) / 2 } }
                            }
                            val (above, below) = gradient(1e-4) to gradient(-1e-4)
                            DoubleArray(end.size) { (above[it] - below[it]) / 2e-4 }
                        }
                    }
                }
            val spectrum = SymmetricEigen.of(SymmetricMatrix.of(end.size) { i, j -> hessian[i][j] })
            val shares = kept.table(PlaneStudy.SHARES).rows().associate { it.text("statistic") to it.number("value") }
            shares[PlaneStudy.EIGENVALUE]!! shouldBe (spectrum.value(0) plusOrMinus 1e-5 * spectrum.value(0))
            (shares[PlaneStudy.ERROR]!! < 1e-3 * spectrum.value(0)) shouldBe true
            // The end is the origin; a step along y from there is one along the eigenvector without its part in x.
            val path = kept.table(PlaneStudy.PATH).rows()
            listOf("x", "y", "distance").forEach { path.last().number(it) shouldBe (0.0 plusOrMinus 1e-9) }
            val trajectory = (0..8).map { weights(stored[0], specs[0], it.toLong()) }
            val snapshots = trajectory.map { theta -> FloatArray(theta.size) { theta[it].toFloat() } }.toTypedArray()
            val component = Subspace.principal(ArrayTrajectory.of("all", snapshots), "all", 1).basis()[0]
            val sharpest = DoubleArray(end.size) { spectrum.vector(0, it) }
            val along = Orthonormal.dot(component, sharpest)
            val across = DoubleArray(end.size) { sharpest[it] - along * component[it] }
            val length = sqrt(Orthonormal.dot(across, across))
            for ((row, theta) in path.zip(trajectory)) {
                val from = DoubleArray(end.size) { theta[it] - end[it] }
                abs(row.number("x")) shouldBe (abs(Orthonormal.dot(from, component)) plusOrMinus 1e-5)
                abs(row.number("y")) shouldBe (abs(Orthonormal.dot(from, across)) / length plusOrMinus 1e-3)
            }
            // Of the variance of the path's steps around its mean, what the two directions leave.
            fun variance(of: (Table.Row) -> Double) =
                path.map(of).let { all -> all.sumOf { (it - all.average()).pow(2) } }
            val mean = DoubleArray(end.size) { i -> trajectory.map { it[i] }.average() }
            val all = trajectory.sumOf { theta -> theta.indices.sumOf { (theta[it] - mean[it]).pow(2) } }
            shares[PlaneStudy.OFF]!! shouldBe
                (1 - (variance { it.number("x") } + variance { it.number("y") }) / all plusOrMinus 1e-6)
            val least = made(PlaneStudy(runs(0), plan, PlaneStudy.Axes.Components(), 2, 3, "planes"))
            val leastOff = PlaneStudy.share(least.table(PlaneStudy.SHARES), runs(0), PlaneStudy.OFF).bySeed()[1L]!!
            (shares[PlaneStudy.OFF]!! > leastOff) shouldBe true
            PlaneStudy.gradients(axes, 2, 3) shouldBe 2 * (9 / 3.0 + 4 * 60)
        }

        "the plane of two twins' ends and the parent they left, with both ways on it" {
            val study = PlaneStudy(runs(0, 1), plan, PlaneStudy.Axes.Ends(runs(2, 3)), 2, 3, "ends")
            val kept = made(study)
            val one = kept.table(PlaneStudy.PATH).rows().filter { it.text("seed") == "1" }
            val twin = kept.table(PlaneStudy.TWIN).rows().filter { it.text("seed") == "1" }
            one.map { it.number("step") } shouldBe (4..8).map { it.toDouble() }
            twin.map { it.number("step") } shouldBe (4..8).map { it.toDouble() }
            fun apart(a: DoubleArray, b: DoubleArray) = sqrt(a.indices.sumOf { (a[it] - b[it]).pow(2) })
            val (parent, end, other) =
                Triple(
                    weights(stored[0], specs[0], 4),
                    weights(stored[0], specs[0], 8),
                    weights(stored[2], specs[2], 4),
                )
            // All three lie on it, as far from each other as in weight space.
            fun places(row: Table.Row) = listOf("x", "y", "distance").map(row::number)
            places(one.first()).forEach { it shouldBe 0.0 }
            places(twin.first()).forEach { it shouldBe (0.0 plusOrMinus 1e-9) }
            one.last().number("distance") shouldBe (0.0 plusOrMinus 1e-6)
            twin.last().number("distance") shouldBe (0.0 plusOrMinus 1e-6)
            one.last().number("x") shouldBe (apart(parent, end) plusOrMinus 1e-9)
            one.last().number("y") shouldBe (0.0 plusOrMinus 1e-9)
            val (x, y) = places(twin.last())
            hypot(x, y) shouldBe (apart(parent, other) plusOrMinus 1e-6)
            hypot(x - one.last().number("x"), y) shouldBe (apart(end, other) plusOrMinus 1e-6)
            (one[2].number("distance") > 0) shouldBe true
            twin.last().number("moved") shouldBe (apart(parent, other) plusOrMinus 1e-6)
            kept.table(PlaneStudy.LOSSES).size() shouldBe 2 * 9
        }

        "learning coefficients of ends on a training set: as in float64, and none where chains run away" {
            val set = FixedSet.of(task, 16).forSeed(5)
            val spec = RunSpec(set, model, Training(Sgd.of(.5), 8, 16), 5, 5)
            val run =
                Runner(store, ComputeDevice.CPU, 1, Progress.NONE)
                    .run(listOf(RunRequest(spec, "on a set", setOf(), listOf()))) { false }
                    .single()
                    .run()
                    .get()
            val one = StoredRuns(listOf(RunSet.Member("on a set", 5, set, spec, run)))
            val kept = made(LearningStudy(one, 50.0, 1e-3, 2, 20, 200, "learning"))
            val row = kept.table(LearningStudy.COEFFICIENTS).rows().single()
            val n = LearningCoefficient.inverseTemperature(16)
            val theta = run.end(spec).theta().let { end -> DoubleArray(end.size) { end[it].toDouble() } }
            val found =
                model.open(ComputeDevice.CPU).use { network ->
                    network.openTwinInFloat64().use { precise ->
                        val whole = set.batch(Stream.of(1, "any"), 0, 16)
                        LearningCoefficient.of(
                            { LearningCoefficient.Loss { w, gradient -> precise.gradient(w, whole, gradient) } },
                            theta,
                            LearningCoefficient.Sampler(n, 50.0, 1e-3, 2, 20, 200),
                            Stream.of(5, "learning coefficient").at(0),
                        )
                    }
                }
            row.number("mixing") shouldBe (found.mixing() plusOrMinus 1e-3)
            row.text("fault") shouldBe found.fault()
            val last = kept.table(LearningStudy.CHAINS).rows().filter { it.number("draw") == 200.0 }
            last.map { it.text("chain") } shouldBe listOf("1", "2")
            for ((chain, at) in last.withIndex()) at.number("value") shouldBe (found.chains()[chain] plusOrMinus 1e-3)
            kept.table(LearningStudy.CHAINS).size() shouldBe 200
            val panels = LearningStudy.panels(kept.table(LearningStudy.CHAINS)).rows()
            panels.map { it.text("panel") }.distinct() shouldBe listOf("seed 5")
            panels.last().number("value") shouldBe last.last().number("value")
            LearningStudy.sampler(spec, 50.0, 1e-3, 2, 20, 200).inverseTemperature() shouldBe n

            val far = made(LearningStudy(one, 50.0, 1e4, 2, 0, 20, "far")).table(LearningStudy.COEFFICIENTS)
            far.rows().single().value("value") shouldBe null
            far.rows().single().value("low") shouldBe null
            LearningStudy.words(far) shouldBe "Seed 5: undefined, diverged: use a smaller step."
            shouldThrow<UserError> { LearningStudy.sampler(specs[0], 50.0, 1e-3, 2, 20, 200) }.message shouldBe
                "learning coefficient: expected a task with a training set, whose size sets the temperature, found '${task.label()}', whose batches are drawn without end; train on a fixed set, or on pairs"
        }

        "twins that split: the barrier between their ends and the overlap from the split on, beside unrelated runs" {
            val twins = runs(2, 3, 4, 5)
            val study = SplitStudy(runs(0, 1), twins, plan, 2, 5, 2, "splits")
            val kept = made(study)
            val shared = kept.table(SplitStudy.SHARED)
            SplitStudy.splits(shared) shouldBe listOf(0.0, 4.0)
            val one = weights(stored[0], specs[0], 8)
            val other = weights(stored[2], specs[2], 4)
            val barrier = Barrier.between({ loss(specs[0], it, 2) }, one, other, 5)
            SplitStudy.at(shared, runs(0, 1), twins, SplitStudy.BARRIER, 4).bySeed()[1L]!! shouldBe
                (barrier.largest() plusOrMinus 1e-12)
            val apartNow = SplitStudy.at(shared, runs(0, 1), twins, SplitStudy.DISTANCE, 0).bySeed()[1L]!!
            val between = weights(stored[4], specs[4], 8).let { b -> DoubleArray(b.size) { one[it] - b[it] } }
            apartNow shouldBe (sqrt(Orthonormal.dot(between, between)) plusOrMinus 1e-9)
            val unrelated = SplitStudy.unrelated(shared, runs(0, 1), SplitStudy.DISTANCE).bySeed()[1L]!!
            (unrelated > apartNow) shouldBe true
            // k of 16 weights: at most D/k times chance.
            val overlaps =
                shared.rows().filter { it.text("statistic") == SplitStudy.OVERLAP }.map { it.number("value") }
            overlaps.size shouldBe 6
            overlaps.all { it in 0.0..8.0 + 1e-9 } shouldBe true
            SplitStudy.unrelatedEverywhere(shared, SplitStudy.BARRIER).size() shouldBe 2 * 2
            SplitStudy.lines(kept.table(SplitStudy.LINE)).rows().map { it.text("split") }.distinct() shouldBe
                listOf("step 4", "step 0", "unrelated")
        }

        "pairs share seeds: a value is left out with either run of its pair, and with whose data the twin saw" {
            val shared =
                Table.builder(listOf(RunSet.SEED, SplitStudy.SPLIT, Measure.STATISTIC, Measure.VALUE))
                    .apply {
                        listOf(1.0, 4.0).forEachIndexed { i, value ->
                            row("${i + 1}", null, SplitStudy.BARRIER, value)
                            row("${i + 1}", 4L, SplitStudy.BARRIER, 2 * value)
                        }
                    }
                    .build()
            val ring = SplitStudy.unrelated(shared, runs(0, 1), SplitStudy.BARRIER).sampling()
            ring shouldBe Sampling.Shared(2.5, sortedMapOf(1L to Double.NaN, 2L to Double.NaN))
            // The twin of seed 1 saw the data of seed 2; that of seed 2 those of a third, which is not here.
            val twins = SplitStudy.at(shared, runs(0, 1), runs(4), SplitStudy.BARRIER, 4).sampling()
            twins shouldBe Sampling.Shared(5.0, sortedMapOf(1L to 8.0, 2L to Double.NaN))
        }

        "twins that are none are refused, and splits where nothing is kept or too little follows" {
            val label = parents[0].label()
            shouldThrow<UserError> { SplitStudy.split(parents[0], parents[0], plan, 2) }.message shouldBe
                "splits: expected a twin that sees other data, found '$label' and '$label': both see the batches of data seed 1; give it data = nextSeed"
            shouldThrow<UserError> { SplitStudy.split(parents[0], parents[1], plan, 2) }.message shouldBe
                "splits: expected a fork of the run, or one of the same model and initial values, found '$label' and '${parents[1].label()}'; fork the run, or train with data = nextSeed"
            val late = parents[0].forked(7, Fork.State.KEPT, task, parents[0].training().lasting(1), 2)
            shouldThrow<UserError> { SplitStudy.split(parents[0], late, plan, 2) }.message shouldBe
                "splits: expected a snapshot at the split after step 7 and 2 later ones, found 9 snapshots of 8 steps; split earlier, or where a snapshot is taken, or take more"
            SplitStudy.split(parents[0], forks[0], plan, 2) shouldBe 4
            SplitStudy.split(parents[0], apart[0], plan, 2) shouldBe 0
        }
    })
