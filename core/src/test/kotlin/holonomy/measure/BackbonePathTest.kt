package holonomy.measure

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.Backbone
import holonomy.geometry.Centring
import holonomy.geometry.InitialDirection
import holonomy.geometry.NoiseWalk
import holonomy.geometry.Phases
import holonomy.geometry.Spectrum
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

private const val STEPS = 40L

private val measure = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 21))

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

        "it is found again by its spec" { Measures.fromSpec(measure.spec()).get() shouldBe measure }

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
