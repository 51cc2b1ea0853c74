package holonomy.gallery

import holonomy.figure.Examples
import holonomy.figure.Exporter
import holonomy.figure.Figure
import java.nio.file.Path

/** A page of every kind of figure and verdict, in a folder of its own. */
internal class Pages(private val folder: Path) {
    private val claim =
        GalleryClaim(
            "W_V and W_O lie below W_Q and W_K",
            "arXiv 2602.10496, 4.1",
            "3.8 to 2.6 below 6 to 4.1",
            "−1.9",
            "[−2.2, −1.6]",
            "uncorrelated walk: 0",
            "replicated",
        )

    fun entry(figure: Figure, into: String): GalleryFigure =
        Gallery.figure(figure, Exporter(folder.resolve(into)).export(figure, Examples.context), folder)

    fun experiment(name: String, figures: List<GalleryFigure>, failure: String? = null, study: String = "marked sums") =
        GalleryExperiment(
            name,
            "Do attention weights collapse onto a few dimensions?",
            figures,
            listOf(
                claim,
                claim.copy(text = "reached in the first 30 % of steps", verdict = "not replicated"),
                claim.copy(text = EVIL, verdict = "inconclusive"),
                claim.copy(text = "nor does a walk", source = "ours", verdict = "replicated"),
            ),
            "$name.main.kts",
            SCRIPT,
            "9 runs, 38 s on 2 cores",
            failure,
            study,
        )

    private val figures = Examples.all()

    /** Two experiments, five figures, one failure. */
    val few: GalleryContent by lazy {
        GalleryContent(
            "Holonomy: quick profile",
            "3 seeds, revision abc, 2 cores",
            listOf(
                experiment("collapse", listOf(figures[0], figures[2], figures[4]).map { entry(it, "collapse") }),
                experiment(
                    "commutators",
                    listOf(figures[0], figures.single { it.name == "defect-by-m" }).map { entry(it, "commutators") },
                    "the run with seed 3 diverged at step 120 $EVIL",
                ),
            ),
        )
    }

    /** Every example of a figure; of the second study, a claim that was not replicated and nothing else. */
    val all: GalleryContent by lazy {
        val other = experiment("other", listOf(), study = "grokking")
        GalleryContent(
            "Holonomy: every figure",
            "3 seeds",
            listOf(
                experiment("every", figures.map { entry(it, "every") }),
                other.copy(claims = other.claims.filter { it.verdict == "not replicated" }),
            ),
        )
    }

    companion object {
        const val EVIL = "<script>alert('x')</script> & \"quotes\""

        private val SCRIPT =
            """
            #!/usr/bin/env kotlin
            @file:Import("../scripts/lab.main.kts")
            import holonomy.dsl.*

            experiment("collapse", question = "Do attention weights collapse onto a few dimensions?") {
                val upTo = choose(quick = listOf(1..1, 1..2), standard = listOf(1..2, 1..4))   // largest m
                val runs = train(profile.attentionOnly, on = upTo.map { profile.markedSum(markers = it) }, seeds = profile.seeds) {
                    snapshot(attention, count = 41)
                }
            }
            """
                .trimIndent()
    }
}
