package holonomy.measure

import holonomy.curvature.LossCurvature
import holonomy.curvature.SymmetricOperator
import holonomy.data.Identity
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.geometry.Orthonormal
import holonomy.geometry.SymmetricEigen
import holonomy.geometry.SymmetricMatrix
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
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
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import java.time.Duration
import kotlin.math.sqrt

private val task = MarkedTask(Operation.sum(2), 5, 6, 2, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(6, 5, 2, 1, 1, 2, 2)
private val spec = RunSpec(task, model, Training(AdamW.of(1e-2), 6, 8), 1)

/** With fewer products than weights. */
private fun measure(batches: Int = 2, perBlock: Boolean = false) =
    CurvatureMeasure(Cadence.times(3), 3, batches, 16, 30, 4, perBlock)

private fun unit(i: Int, size: Int) = DoubleArray(size).also { it[i] = 1.0 }

private fun explicit(a: SymmetricOperator): SymmetricMatrix {
    val columns = List(a.dimension()) { a.times(unit(it, a.dimension())) }
    return SymmetricMatrix.of(a.dimension()) { i, j -> columns[i][j] }
}

private fun carryOut(store: Path, request: RunRequest) =
    Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
        .run(listOf(request), { false })
        .single()

class CurvatureMeasureTest :
    FreeSpec({
        "its numbers are those of the explicit matrices, of the whole and of each block" {
            val theta = Weights.initial(model, 1).values()
            val rows = Table.builder(measure().columns())
            val state = spec.training().optimizer().start(theta.size)
            val random = Stream.of(1, "curvature measure test").at(0)
            repeat(2) { state.step(theta, FloatArray(theta.size) { random.nextGaussian().toFloat() }, 1.0) }
            val wide = DoubleArray(theta.size) { theta[it].toDouble() }
            val start = ArrayTrajectory.of("none", arrayOf(FloatArray(1)))
            model.open(ComputeDevice.CPU).use { network ->
                StillMoment(spec, 2, theta, network, start, state).use { moment ->
                    measure(batches = 1, perBlock = true).measure(moment, rows)
                    val precise = moment.preciseNetwork()
                    val found = rows.build().rows()
                    fun of(series: String, statistic: String, block: String = "") =
                        found.filter {
                            it.text("series") == series &&
                                it.text("statistic") == statistic &&
                                it.text("block") == block
                        }
                    fun number(statistic: String) = of("hessian", statistic).single().number("value")
                    val batch = task.batch(moment.stream("curvature"), 0, 16)
                    val hessian = LossCurvature.hessian(precise, wide, batch)
                    val gradient = LossCurvature.field(precise, batch).at(wide)
                    val p = (spec.training().optimizer() as AdamW).preconditioner(state)
                    val matrices =
                        mapOf(
                            "hessian" to explicit(hessian),
                            "gauss-newton" to explicit(LossCurvature.gaussNewton(precise, wide, batch)),
                            "preconditioned" to explicit(hessian.preconditioned(p)),
                        )
                    for ((series, matrix) in matrices) withClue(series) {
                        val eigen = SymmetricEigen.of(matrix)
                        fun near(row: Table.Row, i: Int) =
                            row.number("value") shouldBe (eigen.value(i) plusOrMinus row.number("error_bound") + 1e-8)
                        val values = of(series, "eigenvalue")
                        values.map { it.number("ordinal") } shouldBe listOf(1.0, 2.0, 3.0)
                        values.forEachIndexed { i, row ->
                            near(row, i)
                            row.number("error_bound") shouldBeLessThan 1e-3 * eigen.value(0)
                        }
                        near(of(series, "smallest eigenvalue").single(), theta.size - 1)
                        if (series != "preconditioned") {
                            val trace = of(series, "trace").single()
                            trace.number("value") shouldBe (matrix.trace() plusOrMinus 3 * trace.number("error_bound"))
                        }
                    }
                    val matrix = matrices.getValue("hessian")
                    val eigen = SymmetricEigen.of(matrix)
                    fun share(v: DoubleArray): Double {
                        val along = List(3) { i -> v.indices.sumOf { eigen.vector(i, it) * v[it] } }
                        return along.sumOf { it * it } / Orthonormal.dot(v, v)
                    }
                    number("gradient norm") shouldBe (sqrt(Orthonormal.dot(gradient, gradient)) plusOrMinus 1e-12)
                    number("gradient share") shouldBe (share(gradient) plusOrMinus 1e-3)
                    number("step share") shouldBe (share(moment.nextStep().at(wide, gradient)) plusOrMinus 1e-3)
                    number("share by chance") shouldBe 3.0 / theta.size
                    val block = model.layout().block("layers.0.W_V")
                    val own = matrix.principal(block.offset(), block.offset() + block.size())
                    of("hessian", "eigenvalue", block.name())[0].number("value") shouldBe
                        (SymmetricEigen.of(own).value(0) plusOrMinus 1e-8)
                    of("hessian", "share by chance", block.name()).single().number("value") shouldBe 3.0 / block.size()
                }
            }
        }

        "along a run it changes nothing, has no preconditioner before the first step, and travels" {
            fun run(measures: List<Measure>) =
                carryOut(tempdir().toPath(), RunRequest(spec, "run", setOf(), measures)).run().get()
            val measured = run(listOf(measure()))
            measured.summary()["theta"] shouldBe run(listOf()).summary()["theta"]
            val table = measured.table(measure().file())
            table.rows().map { it.number("step") }.distinct() shouldBe listOf(0.0, 3.0, 6.0)
            table.where { it.text("series") == "preconditioned" }.rows().map { it.number("step") }.distinct() shouldBe
                listOf(3.0, 6.0)
            Measures.fromSpec(measure(perBlock = true).spec()).get() shouldBe measure(perBlock = true)
        }

        "its cost in gradients counts every product" {
            // 1 + 4 (2 x 30 + 3 x 4) + 3 (30 + 3 x 4), of two batches; per block 30 more of 4 for each.
            measure().gradients(spec) shouldBe 2 * (1 + 4 * 72.0 + 3 * 42.0)
            val blocks = model.layout().blocks().size
            measure(perBlock = true).gradients(spec) - measure().gradients(spec) shouldBe 2 * 4 * 30.0 * blocks
        }

        "of some matrices it computes, and costs, those alone; its spec names them, and that of all has no name more" {
            val some = CurvatureMeasure(Cadence.times(3), 3, 2, 16, 30, 4, false, listOf("preconditioned", "hessian"))
            some.matrices() shouldBe listOf("hessian", "preconditioned")
            some.gradients(spec) shouldBe 2 * (1 + 4 * 72.0)
            Measures.fromSpec(some.spec()).get() shouldBe some
            measure().parameters().has("matrices") shouldBe false
            shouldThrow<UserError> { CurvatureMeasure(Cadence.times(3), 3, 2, 16, 30, 4, false, listOf("fisher")) }
                .message shouldBe
                "curvature: expected some of the matrices [hessian, gauss-newton, preconditioned], found [fisher]"
        }

        "mistakes are said before anything trains" {
            shouldThrow<UserError> { CurvatureMeasure(Cadence.times(3), 5, 1, 0, 4, 1, false) }.message shouldBe
                "curvature: expected at least 1 eigenvalue and 1 batch, as many products as eigenvalues, and 0 or 2 and more probes, found 5, 1, 4 and 1"
            val weights = model.layout().size()
            val many = CurvatureMeasure(Cadence.times(3), weights + 1, 1, 0, weights + 1, 0, false)
            shouldThrow<UserError> { RunRequest(spec, "run", setOf(), listOf(many)) }.message shouldBe
                "curvature: eigenvalues expected 1 to $weights of $weights weights, found ${weights + 1}; ask for fewer"
            val vast = RunSpec(task, Architecture(6, 5, 2, 40, 2, 2_500, 3), Training(AdamW.of(1e-2), 6, 8), 1)
            val begun = tempdir().toPath()
            shouldThrow<UserError> { carryOut(begun, RunRequest(vast, "run", setOf(), listOf(measure()))) }
                .message shouldStartWith
                "curvature: 1.00e+09 weights in float64 with 30 vectors of that size take at least "
            Store.open(begun).find(Identity.of(vast.spec())).isPresent shouldBe false
        }
    })
