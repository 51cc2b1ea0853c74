package holonomy.measure

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private fun measure(pairs: Int = 2, eta: Double = 1e-3, snapshots: Int = 5, length: Double = 3e-3) =
    CommutatorMeasure(Cadence.times(3), SnapshotPlan.of(WeightGroup.ATTENTION, snapshots), pairs, 1, 1, 3, length, eta)

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 2, 2, 16, 0)

/** A task whose label is always 0, and its rows where the answer is [sure] of that by so many nats. */
private fun constant(sure: Float): Table {
    val same = MarkedTask(Operation.of("zero", 2) { _, _ -> 0 }, 7, 16, 4, 2, listOf(2), MarkedTask.Placement.PER_BATCH)
    val spec = RunSpec(same, model, Training(AdamW.of(1e-2), 16, 8), 1)
    val theta = Weights.initial(model, 1).values()
    theta[model.layout().block("head.bias").offset()] += sure
    val start = ArrayTrajectory.of("none", arrayOf(FloatArray(1)))
    val rows = Table.builder(measure().columns())
    model.open(ComputeDevice.CPU).use { network ->
        StillMoment(spec, 0, theta, network, start, spec.training().optimizer().start(theta.size)).use {
            measure().measure(it, rows)
        }
    }
    return rows.build()
}

private fun run(store: java.nio.file.Path, measures: List<Measure>, model: Architecture = holonomy.measure.model) =
    Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE, java.time.Duration.ofMinutes(1))
        .run(
            listOf(RunRequest(RunSpec(task, model, Training(AdamW.of(1e-2), 16, 8), 1), "run", setOf(), measures)),
            { false },
        )
        .single()
        .run()
        .get()

class CommutatorMeasureTest :
    FreeSpec({
        "a run with these measures has the weights of a run without, and its table keeps to the definitions" {
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 5)
            val attention = AttentionEntropy(Cadence.times(3), 16, listOf(1, 7))
            val measured = run(tempdir().toPath(), listOf(measure(), attention, SubspaceDistance(plan, 3)))
            val plain = run(tempdir().toPath(), listOf())
            measured.id() shouldBe plain.id()
            measured.summary()["theta"] shouldBe plain.summary()["theta"]

            val table = measured.table(measure().file())
            fun of(variant: String) = table.where { it.text("variant") == variant }.rows()
            for (row in of(CommutatorMeasure.OURS)) {
                val product = row.number("step_a") * row.number("step_b")
                (row.number("delta") / product) shouldBe (row.number("defect") plusOrMinus 1e-9 * row.number("defect"))
                row.number("closure").shouldBeBetween(0.0, 1.0, 1e-12)
            }
            // Fewer than k + 1 earlier snapshots: no basis of the own path, a gap and not a zero.
            val own = of(CommutatorMeasure.PROJECTION).filter { it.text("basis") == CommutatorMeasure.OWN_BASIS }
            own.map { it.number("step") }.toSet() shouldBe setOf(16.0)
            for (row in of(CommutatorMeasure.PROJECTION)) {
                val rho = row.number("rho")
                row.number("rho_squared") shouldBe (rho * rho plusOrMinus 1e-12)
                row.number("one_minus_rho") shouldBe (1 - rho plusOrMinus 1e-12)
                row.number("perpendicular_share") shouldBe (kotlin.math.sqrt(1 - rho * rho) plusOrMinus 1e-9)
                row.number("isotropic_mean") shouldBe
                    (row.number("directions") / model.layout().size() plusOrMinus 1e-12)
            }
            val entropy = measured.table(attention.file())
            for (row in entropy.where { it.text("quantity") == AttentionEntropy.LAST }.rows()) {
                row.number("value").shouldBeBetween(0.0, kotlin.math.ln(7.0), 1e-6)
            }
            for (row in
                entropy.where { it.text("quantity") == AttentionEntropy.MASS && it.number("k") == 7.0 }.rows()) {
                row.number("value") shouldBe (1.0 plusOrMinus 1e-5)
            }
        }

        "float32 is checked against float64, and where it loses the gradient all is measured in float64" {
            fun first(table: Table) = table.rows().first { it.text("variant") == CommutatorMeasure.OURS }
            val unsure = constant(sure = 1f)
            unsure.rows().map { it.text("precision") }.toSet() shouldBe setOf("float32")
            first(unsure).number("rounding").shouldBeBetween(0.0, 1e-3, 0.0)
            first(unsure).number("rounding") shouldBeGreaterThan 0.0
            for (sure in listOf(30f, 200f)) {
                val table = constant(sure)
                table.rows().map { it.text("precision") }.toSet() shouldBe setOf("float64")
                first(table).number("rounding") shouldBeGreaterThan .01
                for (row in table.where { it.text("variant") == CommutatorMeasure.OURS }.rows()) {
                    row.number("gradient_a").shouldBeBetween(Double.MIN_VALUE, 1e-6, 0.0)
                    row.number("defect") shouldBe (first(unsure).number("defect") plusOrMinus 100.0)
                    row.number("defect") shouldBeGreaterThan 0.0
                }
            }
        }

        "without any gradient D, c and the shares are missing: neither 0 nor infinite" {
            val table = constant(sure = 1e4f)
            table.rows().map { it.text("variant") }.toSet() shouldBe
                setOf(
                    CommutatorMeasure.OURS,
                    CommutatorMeasure.LARGE_BATCH,
                    CommutatorMeasure.PER_SEQUENCE,
                    CommutatorMeasure.CHOSEN,
                )
            for (row in table.rows()) {
                row.number("gradient_a") shouldBe 0.0
                listOf("eta", "defect", "closure", "cosine", "rounding", "rho").forEach {
                    withClue(it) { row.number(it).isNaN() shouldBe true }
                }
            }
            measure().summary(table).keys shouldBe setOf()
        }

        "pairs, batch and stream are parameters; the summary has median, quartiles and 90th percentile" {
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 5)
            fun of(batch: Int, stream: String) =
                CommutatorMeasure(Cadence.atEnd(), plan, 4, 0, 0, 3, 3e-3, 1e-3, batch, stream)
            val plain = of(0, CommutatorMeasure.PAIRS)
            val others = listOf(of(8, CommutatorMeasure.PAIRS), of(32, CommutatorMeasure.PAIRS), of(0, "others"))
            val made = run(tempdir().toPath(), listOf(plain) + others)
            fun defects(measure: Measure) =
                made
                    .table(measure.file())
                    .where { it.text("variant") == CommutatorMeasure.OURS }
                    .rows()
                    .map { it.number("defect") }
            defects(plain).size shouldBe 4
            defects(others[0]) shouldBe defects(plain) // training's batch is 8
            defects(others[1]) shouldNotBe defects(plain)
            defects(others[2]) shouldNotBe defects(plain)
            plain.spec()["parameters"].has("batch") shouldBe false
            others[1].spec()["parameters"]["batch"].asInt() shouldBe 32
            others[2].spec()["parameters"]["stream"].asText() shouldBe "others"
            val sorted = defects(plain).sorted()
            val summary = plain.summary(made.table(plain.file()))
            summary["defect_median"]!! shouldBe ((sorted[1] + sorted[2]) / 2 plusOrMinus 1e-12)
            summary["defect_lower"]!! shouldBe (sorted[0] + .75 * (sorted[1] - sorted[0]) plusOrMinus 1e-12)
            summary["defect_upper"]!! shouldBe (sorted[2] + .25 * (sorted[3] - sorted[2]) plusOrMinus 1e-12)
            summary["defect_p90"]!! shouldBe (sorted[2] + .7 * (sorted[3] - sorted[2]) plusOrMinus 1e-12)
        }

        "weights without a gradient are counted: the key bias, and the embeddings of tokens in neither batch" {
            val one =
                CommutatorMeasure(
                    Cadence.atEnd(),
                    SnapshotPlan.of(WeightGroup.ATTENTION, 5),
                    1,
                    0,
                    0,
                    3,
                    3e-3,
                    1e-3,
                    1,
                    "small",
                )
            fun withoutGradient(model: Architecture) =
                run(tempdir().toPath(), listOf(one), model)
                    .table(one.file())
                    .rows()
                    .first { it.text("variant") == CommutatorMeasure.PROJECTION }
                    .number("zero_gradient")
            val stream = Stream.of(1, "measure small")
            val tokens = (0L..1L).flatMap { task.batch(stream, 16 * 4096L + it, 1).tokens().toList() }.toSet()
            val unused = (model.vocabulary() - tokens.size) * model.width()
            withoutGradient(model) shouldBe (unused + model.layers() * model.width()).toDouble()
            // Keys that are rotated aren't all shifted by the same: then their bias counts.
            val rotary = Design.DECODER.with(Design.Positions.ROTARY)
            withoutGradient(Architecture(16, 7, 2, 2, 2, 16, 0, rotary)) shouldBe unused.toDouble()
        }

        "mistakes say what was expected" {
            shouldThrow<UserError> { measure(pairs = 0) }.message shouldBe
                "commutators: expected at least 1 pair of batches per measurement, found 0"
            shouldThrow<UserError> { measure(eta = 0.0) }.message shouldBe
                "commutators: expected a displacement and an eta above 0, found 0.003 and 0.0"
            shouldThrow<UserError> { measure(length = -1.0) }.message shouldBe
                "commutators: expected a displacement and an eta above 0, found -1.0 and 0.001"
            shouldThrow<UserError> {
                    CommutatorMeasure(
                        Cadence.atEnd(),
                        SnapshotPlan.of(WeightGroup.ATTENTION, 5),
                        2,
                        3,
                        1,
                        3,
                        3e-3,
                        1e-3,
                    )
                }
                .message shouldBe
                "commutators: expected 0..2 pairs with variants and at least 0 for each chosen (m_A, m_B), found 3 and 1"
            shouldThrow<UserError> {
                    CommutatorMeasure(
                        Cadence.atEnd(),
                        SnapshotPlan.of(WeightGroup.ATTENTION, 5),
                        2,
                        1,
                        1,
                        3,
                        3e-3,
                        1e-3,
                        -1,
                        "pairs",
                    )
                }
                .message shouldBe
                "commutators: expected a batch of at least 1 sequence, or 0 for training's, and a stream with a name," +
                    " found -1 and 'pairs'"
            shouldThrow<UserError> { measure(snapshots = 3) }.message shouldBe
                "commutators: a basis of 3 directions per matrix needs at least 4 snapshots and 1 direction," +
                    " found 3 snapshots; take more snapshots or fewer directions"
            shouldThrow<UserError> { AttentionEntropy(Cadence.atEnd(), 4, listOf(0)) }.message shouldBe
                "attention override: expected to keep at least 1 entry of each row, found k = 0"
            shouldThrow<UserError> { SubspaceDistance(SnapshotPlan.of(WeightGroup.ATTENTION, 3), 3) }.message shouldBe
                "distance to the final subspace: 3 directions need at least 4 snapshots and 1 direction, found 3 snapshots"
        }
    })
