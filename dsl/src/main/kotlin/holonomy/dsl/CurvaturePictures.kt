package holonomy.dsl

import holonomy.data.Table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.plane
import holonomy.measure.CurvatureMeasure
import holonomy.measure.Measure
import holonomy.statistic.CurvatureNumbers
import holonomy.statistic.PlaneStudy

private val ARM = Table.text("arm")

/** Largest eigenvalues of the Hessian over steps, below them |g| and the commutator defect, median over pairs. */
fun curvatureOverSteps(runs: Runs, curvature: CurvatureHandle, pairs: CommutatorHandle, caption: String = ""): Figure {
    val numbers = curvature.numbers
    return lines(
            name = "curvature",
            title = "Curvature over a training, the gradient's norm and the commutator defect",
            table =
                Table.concat(
                    listOf(
                        numbers.eigenvalues(runs, "eigenvalues of the Hessian (nats/weight norm^2)"),
                        numbers.gradients(runs, "|g|", "norm of the gradient (nats/weight norm)"),
                        CurvatureNumbers.defects(
                            runs,
                            pairs.numbers,
                            ourForm.variant,
                            "D",
                            "commutator defect (1/weight norm)",
                        ),
                    )
                ),
            x = Axis.STEP,
            y = Axis.ofPanels("value", log = true),
            colour = "curve",
            facet = Facet("quantity", 1, freeY = true),
            legend = "",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** Share of the squared gradient and of the next step in the Hessian's top space over steps, beside k/d. */
fun topSpaceOverSteps(runs: Runs, curvature: CurvatureHandle, caption: String = ""): Figure =
    lines(
            name = "top-space",
            title = "Share of gradient and step in the Hessian's top space",
            table = curvature.numbers.shares(runs, CurvatureMeasure.GRADIENT_SHARE, CurvatureMeasure.STEP_SHARE),
            x = Axis.STEP,
            y = Axis("value", "share of the squared norm", log = true, possible = 0.0..1.0),
            colour = Measure.STATISTIC.name(),
            nulls = listOf(Null("any k directions, k/d", curvature.numbers.chance(runs), "value")),
            legend = "",
            caption = caption,
        )
        .with(sources = runs.ids)

/** Largest eigenvalue over the edge of stability of each arm's optimiser, over steps. */
fun edgeOverSteps(runs: Runs, curvature: CurvatureHandle, caption: String = ""): Figure =
    lines(
            name = "edge",
            title = "Largest eigenvalue over the edge of stability",
            table = curvature.numbers.edges(runs, ARM),
            x = Axis.STEP,
            y = Axis("value", "lambda_1 / edge", log = true),
            colour = ARM.name(),
            references = listOf(Reference(1.0, "edge of stability")),
            legend = "",
            caption = caption,
        )
        .with(sources = runs.ids)

/** The loss on a plane through one run's weights, with the path on it; of the first seed when none is given. */
fun lossPlane(planes: LossPlanes, seed: Long = planes.seeds.first(), caption: String = ""): Figure {
    val axes = planes.axes
    val way =
        if (axes.twins == null) "The path runs from the ring to the disc"
        else "Both ways run from the ring to a disc, the run's red, its twin's orange"
    return plane(
            name = "loss-plane",
            title = "Loss on the plane of ${axes.title}",
            values = planes.losses.where { it.text("seed") == "$seed" },
            path = planes.path.where { it.text("seed") == "$seed" },
            x = Axis(PlaneStudy.X.name(), axes.x, "weight norm"),
            y = Axis(PlaneStudy.Y.name(), axes.y, "weight norm"),
            value = Axis(PlaneStudy.LOSS.name(), "loss on new batches", "nats", log = true),
            second = axes.twins?.let { planes.twin.where { it.text("seed") == "$seed" } },
            caption =
                listOf(caption, "Seed $seed. $way; off the plane, too.", planes.eigenvalue(seed))
                    .filter { it.isNotEmpty() }
                    .joinToString(" "),
        )
        .with(sources = planes.idsOf(seed))
}

/** How far snapshots lie off these planes, beside how far the path has come from its start, or its parent. */
fun offPlaneOverSteps(vararg planes: LossPlanes, caption: String = ""): Figure =
    lines(
            name = "off-plane",
            title =
                planes.singleOrNull()?.let { "How far paths lie off the plane of ${it.axes.title}" }
                    ?: "How far the path lies off the planes",
            table =
                Table.concat(
                    planes.flatMapIndexed { i, each ->
                        val from = if (each.axes.twins == null) "from the start" else "from the parent"
                        each.distances(if (i == 0) from else "")
                    }
                ),
            x = Axis.STEP,
            y = Axis("value", "distance", "weight norm", possible = 0.0..Double.POSITIVE_INFINITY),
            colour = Measure.STATISTIC.name(),
            legend = "",
            caption = caption,
        )
        .with(sources = planes.flatMap { it.ids }.distinct())
