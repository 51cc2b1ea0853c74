package holonomy.measure

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.Backbone
import holonomy.geometry.Centring
import holonomy.geometry.InitialDirection
import holonomy.geometry.NoiseWalk
import holonomy.geometry.Phases
import holonomy.geometry.Spectrum
import holonomy.geometry.UpdateAlignment
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.StopRule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.time.Duration
import java.util.Optional

private const val STEPS = 40L

private val measure = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 21))

private val window = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 21), Optional.of(PathWindow.PUBLISHED))

private val adam = AdamW(1e-2, .9, .95, 1e-8, .5, Optimizer.Decay.DECOUPLED)

private fun spec(optimizer: Optimizer = adam, steps: Long = STEPS): RunSpec =
    RunSpec(
        PairTask.of(Operation.sum(7)).forSeed(1),
        Architecture(7, 2, 7, 2, 2, 16, 32, Design.ENCODER),
        Training(optimizer, Schedule.cutCosine(6, .1), steps, 16, 1.0),
        1,
    )

private fun run(store: Path, spec: RunSpec, of: Measure = measure): StoredRun =
    Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
        .run(listOf(RunRequest(spec, "run", setOf(), listOf(of))), { false })
        .single()
        .run()
        .get()

private fun Table.curve(statistic: String, series: String, path: String, part: String): List<Double> =
    where {
            it.text("path") == path &&
                it.text("statistic") == statistic &&
                it.text("series") == series &&
                it.text("part") == part
        }
        .rows()
        .map { it.number(Measure.VALUE) }

class BackbonePathTest :
    FreeSpec({
        val store = tempdir().toPath()
        val stored = run(store, spec())
        val table = stored.table(measure.file())
        fun curve(
            statistic: String,
            series: String = DecayControls.PATH,
            path: String = DecayControls.MEASURED,
            part: String = BackbonePath.TRUNK,
        ) = table.curve(statistic, series, path, part)
        val blocks =
            Snapshots.of(stored, spec(), measure.snapshots()).use { path ->
                path.blocks().associateWith { InitialDirection.of(path, it) }
            }
        val trunk = InitialDirection.sum("trunk", blocks.values.toList())
        val walk = NoiseWalk.of(spec().rates(STEPS), .5).path(trunk)

        "the trunk's rows are those of the stored snapshots, with and without the component along w_0" {
            val backbone = Backbone.of(trunk.path(), Centring.ROW_NORMALISED)
            curve(BackboneRows.ALONG) shouldBe backbone.along().toList()
            curve(BackboneRows.ACROSS) shouldBe backbone.across().toList()
            curve(BackboneRows.PC1) shouldBe listOf(Spectrum.of(trunk.path(), Centring.ROW_NORMALISED).pc1Share())
            curve(BackboneRows.RAW_PC1, path = DecayControls.START_REMOVED) shouldBe
                listOf(Spectrum.of(trunk.removed(), Centring.FROM_START).pc1Share())
            curve(BackboneRows.PHASES) shouldBe listOf(Phases.at(trunk.path(), 16).cosine())
            curve(BackboneRows.TO_DECAY)[0] shouldBe (-backbone.direction().cosineToInitial(trunk) plusOrMinus 1e-12)
            curve(BackboneRows.TO_DECAY, path = DecayControls.START_REMOVED) shouldBe listOf()
        }

        "a layer's rows are those of its own blocks" {
            val layer =
                InitialDirection.sum("layer 1", blocks.filterKeys { it.startsWith("layers.1.") }.values.toList())
            curve(BackboneRows.DRIFT, part = "layer 1") shouldBe
                Backbone.of(layer.path(), Centring.ROW_NORMALISED).drift().toList()
            table.rows().map { it.text("part") }.distinct() shouldBe listOf("trunk", "layer 0", "layer 1")
        }

        "beside it the walk without learning, through the same code" {
            val backbone = Backbone.of(walk.path(), Centring.ROW_NORMALISED)
            curve(BackboneRows.DRIFT, BackbonePath.NOISE_WALK).forEachIndexed { t, drift ->
                drift shouldBe (backbone.drift()[t] plusOrMinus 1e-9)
            }
            curve(BackboneRows.PC1, BackbonePath.NOISE_WALK)[0] shouldBe
                (Spectrum.of(walk.path(), Centring.ROW_NORMALISED).pc1Share() plusOrMinus 1e-9)
            curve(BackboneRows.WINDOW_PC1).size shouldBe 11
            curve(BackboneRows.TURN, BackbonePath.NOISE_WALK).size shouldBe 10
        }

        "and decay alone, which is a line: nothing across it, so no exponent of the rest" {
            curve(BackboneRows.RAW_PC1, BackbonePath.DECAY_ONLY)[0] shouldBe (1.0 plusOrMinus 1e-12)
            curve(BackboneRows.TO_DECAY, BackbonePath.DECAY_ONLY)[0] shouldBe (1.0 plusOrMinus 1e-9)
            curve(BackboneRows.ACROSS, BackbonePath.DECAY_ONLY) shouldBe List(21) { 0.0 }
            curve(BackboneRows.exponent(BackboneRows.ACROSS, .0, .4), BackbonePath.DECAY_ONLY)[0].isNaN() shouldBe true
        }

        "an optimiser that does not normalise has no noise walk: how far noise takes it is not known" {
            val sgd = spec(Sgd(1e-2, .9, false, .5, Optimizer.Decay.L2))
            val rows = run(store, sgd).table(measure.file()).rows()
            rows.map { it.text("series") }.distinct() shouldBe listOf(DecayControls.PATH, BackbonePath.DECAY_ONLY)
        }

        "a path shorter than a window has no windows" {
            val short = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 6))
            val rows = run(store, spec(), short).table(short.file())
            rows.curve(BackboneRows.WINDOW_PC1, DecayControls.PATH, DecayControls.MEASURED, "trunk") shouldBe listOf()
            rows.curve(BackboneRows.PHASES, DecayControls.PATH, DecayControls.MEASURED, "trunk").size shouldBe 1
        }

        "it is found again by its spec" {
            for (it in listOf(measure, window)) Measures.fromSpec(it.spec()).get() shouldBe it
        }

        "updates beside the raw backbone at their middle, and the path so far by as many rows at any step" {
            curve(BackboneRows.RAW_UPDATE_COSINE) shouldBe UpdateAlignment.ofBlock(trunk.path()).map { it.cosine() }
            val soFar = curve(BackboneRows.PC1_SO_FAR)
            soFar.size shouldBe 16
            val thinned = trunk.path().picked(0, 2, 4, 7, 9, 11) // of 11 displacements
            soFar[6] shouldBe Spectrum.of(thinned, Centring.ROW_NORMALISED).pc1Share()
        }

        "a window is told from its first snapshot, w_0 stays the run's, and later updates are unseen by its backbone" {
            val rows = run(store, spec(), window).table(window.file())
            fun of(statistic: String, series: String = DecayControls.PATH) =
                rows.curve(statistic, series, DecayControls.MEASURED, BackbonePath.TRUNK)
            val within = trunk.within(6, 20)
            val gram = trunk.path().from(3, 4, 11)
            within.path().displacements() shouldBe gram.displacements()
            of(BackboneRows.PC1) shouldBe listOf(Spectrum.of(gram, Centring.ROW_NORMALISED).pc1Share())
            of(BackboneRows.DRIFT).last() shouldBe kotlin.math.sqrt(gram.get(7, 7))
            val backbone = Backbone.of(gram, Centring.ROW_NORMALISED)
            of(BackboneRows.TO_DECAY)[0] shouldBe (-backbone.direction().cosineToInitial(within) plusOrMinus 1e-12)
            val updates =
                UpdateAlignment.ofWindow(trunk.path(), 6, 20, 2, (6L..38L step 2).toList()).map { it.cosine() }
            of(BackboneRows.WINDOW_UPDATE_COSINE) shouldBe updates.take(7)
            of(BackboneRows.UNSEEN_UPDATE_COSINE) shouldBe updates.drop(7)
            of(BackboneRows.DRIFT, BackbonePath.NOISE_WALK).last() shouldBe
                (kotlin.math.sqrt(walk.within(6, 20).path().get(7, 7)) plusOrMinus 1e-9)
            of(BackboneRows.PHASES) shouldBe listOf()
        }

        "a cadence that doesn't hit a window, and a window that is none: errors that say what to do" {
            val between = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 11), Optional.of(PathWindow.PUBLISHED))
            shouldThrow<UserError> { between.requireMeaning(spec()) }.message shouldBe
                "backbone: expected snapshots at the steps 6 and 20 of 40, where the window begins and ends, and every 2 steps from its first on; found none at step 6 among 11; take one more than a multiple of twenty (21, 41, 81) that divides the steps evenly"
            shouldThrow<UserError> { PathWindow(.5, .5) }.message shouldBe
                "backbone: expected a window from a share of the steps to a later one, within 0 to 1; found 0.5 to 0.5"
        }

        "too few snapshots, phases between two of them, a run that may stop: errors that say what to do" {
            shouldThrow<UserError> { BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 5)) }.message shouldBe
                "backbone: expected at least 6 snapshots, a displacement of each phase, found 5"
            val between = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 20))
            shouldThrow<UserError> { between.requireMeaning(spec()) }.message shouldBe
                "backbone: expected a snapshot at step 16, two fifths of 40 steps, where the phases part; found none among 20; take one more than a multiple of five (21, 51) that divides the steps evenly"
            val stopping = spec().with(spec().training().until(StopRule(.95, 3, 10, 5)))
            shouldThrow<UserError> { measure.requireMeaning(stopping) }.message shouldBe
                "backbone: expected a run of a set number of steps, found one that may stop before (${stopping.label()}); leave the stop rule out"
        }
    })
