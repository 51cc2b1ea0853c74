#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.measure.GrokRule
import holonomy.study.grokking.*

experiment(
    "grokking-early-signs",
    study = study,
    question = "Do measures of the first steps foretell whether a network groks, and when, in settings never seen?",
) {
    // Many cheap runs at every profile: a small prime, one layer. Longer profiles have more settings, seeds and steps.
    val sizes =
        profile.copy(
            task = PairSizes(23),
            layers = 1,
            width = choose(quick = profile.width, standard = 32, paper = 32),
            steps = choose(quick = profile.steps, standard = 2_100, paper = 4_200),
            batch = choose(quick = profile.batch, standard = 128, paper = 128),
        )
    val rates =
        choose(quick = listOf(6e-3, 1e-2), standard = listOf(4e-3, 6e-3, 1e-2), paper = listOf(4e-3, 6e-3, 1e-2))
    val decays = choose(quick = listOf(.5, 1.0), standard = listOf(.3, .5, 1.0), paper = listOf(.3, .5, 1.0))
    val ofSetting = choose(quick = 1, standard = 2, paper = 5)
    val rate = axis("learning rate", rates)
    val decay = axis("weight decay", decays)
    val part = axis("share trained on", .7, .85)
    val p = sizes.modulus
    val operations =
        listOf(
            pairs("a + b", p) { a, b -> a + b },
            pairs("a - b", p) { a, b -> a - b },
            pairs("a^3 + ab", p) { a, b -> a * a * a + a * b }, // never groks
        )
    val operation = axis("operation", operations)

    // Evaluations and copies every 15 steps of the quick profile's 1,050, and as often in longer ones; two looks.
    val intervals = choose(quick = 70, standard = 140, paper = 280)
    val accuracy = pairAccuracy(intervals + 1)
    val spectrum = trajectorySpectrum(snapshots = intervals + 1, windows = intervals / 2, shuffledWindows = 1)
    val gap = spectralGap(snapshots = intervals + 1)
    val defects =
        commutators(intervals / 7 + 1, intervals + 1, pairs = 2, variantPairs = 0, chosenPairs = 0, directions = 1)

    // Signs are read up to a fifth of the quick profile's steps, of runs that have less than half right by then.
    val looks = listOf(10, 14).map { sizes.steps * it / intervals }.distinct()
    val hessian =
        curvature(
            1,
            eigenvalues = choose(quick = 5, standard = p, paper = p), // as many as classes
            products = choose(quick = 20, standard = 60, paper = 60),
            of = listOf(CurvatureMatrix.HESSIAN),
            also = every(maxOf(1, looks.last() - looks.first()), from = looks.first(), to = looks.last()),
        )

    // Each setting has seeds of its own: so runs of two settings share nothing. Half of the settings, every level of
    // each axis in either half as often, say which way a sign points; the other half is judged.
    val settings =
        operations.indices.flatMap { o ->
            listOf(0, 1).flatMap { s -> rates.indices.flatMap { r -> decays.indices.map { d -> listOf(o, s, r, d) } } }
        }
    fun trained(half: Int) =
        settings
            .withIndex()
            .filter { (_, levels) -> levels.sum() % 2 == half }
            .map { (i, levels) ->
                val (o, s, r, d) = levels
                train(
                    sweep(operation, part, rate, decay).where {
                        it[operation] == operations[o] &&
                            it[part] == listOf(.7, .85)[s] &&
                            it[rate] == rates[r] &&
                            it[decay] == decays[d]
                    },
                    model = { sizes.copy(learningRate = it[rate]).encoder(it[decay]) },
                    on = { it[operation].trainedOn(it[part]) },
                    seeds = profile.seeds.take(ofSetting).map { 10_000 * (i + 1L) + it },
                ) {
                    measure(accuracy, spectrum, gap, defects, hessian)
                }
            }
            .reduce(Runs::plus)
    val others = trained(half = 0)
    val held = trained(half = 1)

    val early = early(looks) { halfStep(accuracy) }
    val groks: Runs.() -> Measured = { groks(accuracy, GrokRule.FIRST_AT_90) called "reaching test accuracy .90" }
    val step: Runs.() -> Measured = { grokStep(accuracy, GrokRule.FIRST_AT_90) }
    val control: Runs.() -> Measured = {
        firing(trainAccuracyReached(accuracy), accuracy) called "step of train accuracy .99"
    }
    // Where no run has come to .99 yet, its step tells nothing; how far each has come does.
    val trainAccuracy: Runs.() -> Measured = { finalTrainAccuracy(accuracy) called "train accuracy" }
    val onset = defectOnset(defects, publishedForm)
    val signs: Map<String, Runs.() -> Measured> =
        mapOf(
            "first component" to { mean(spectrum.pc1Share) called "first component's share" },
            "defect" to { defect(defects) called "median defect" },
            "onset of the defect" to { firing(onset, accuracy) called "step of the defect's onset" },
            "spectral gap" to { gapPosition(gap) called "position k* of the spectral gap" },
            "weight norm" to { weightNorm(accuracy) },
            // Its null k/d is the same in every run, so it takes no part in which of two is larger.
            "top Hessian share" to
                {
                    gradientInTopSpace(hessian, over = lastFifth) called "gradient's share in the Hessian's top space"
                },
        )
    val random: Runs.() -> Measured = { measured("a number without meaning") { it.seed * 7_919.0 % 1_009 } }
    val all = signs + ("train .99" to control) + ("train accuracy" to trainAccuracy) + ("shuffled" to random)

    figure("accuracy") { notYetGrokked(held, accuracy, GrokRule.FIRST_AT_90) }
    figure("auroc") {
        numbersBeside(
            held,
            "AUROC",
            all.mapValues { (_, sign) -> held.auroc(sign, groks, early, others) },
            mapOf("nothing" to .5),
            title = "How well early numbers tell which networks will grok",
            caption = "Of settings that the signs were not fitted on; .5 is chance.",
        )
    }
    figure("when") {
        numbersBeside(
            held,
            "rank correlation",
            all.mapValues { (_, sign) -> held.rankCorrelation(sign, step, early, others) },
            mapOf("nothing" to .0),
            title = "How well early numbers tell when a network groks",
            caption = "Of networks that grok, in settings that the signs were not fitted on.",
        )
    }
    figure("lead") {
        numbersBeside(
            held,
            "lead",
            all.mapValues { (_, sign) -> held.lead(sign, groks, early, others) },
            mapOf("none" to .0),
            title = "How far ahead early numbers warn, at one false alarm in ten",
            caption = "In shares of the way to the grok step; 0 where there is no warning.",
        )
    }
    figure("every-run") {
        earlyAgainst(held + others, all - "shuffled", step, early, "A run that never gets there has no step.")
    }

    val sources =
        mapOf(
            "defect" to "arXiv 2602.16746",
            "onset of the defect" to "arXiv 2602.16746",
            "spectral gap" to "arXiv 2603.15678",
        )
    fun source(sign: String) = sources[sign] ?: "ours"
    fun published(sign: String) =
        if (sign in sources) "precedes generalisation; no prediction, no held-out setting" else "not stated"
    for ((name, sign) in signs) {
        claim("The $name foretells whether it groks, better than train accuracy does", source(name), published(name)) {
            (held.auroc(sign, groks, early, others) isAbove .5 by .1).above(
                held.auroc(control, groks, early, others),
                name = "train accuracy .99",
            )
        }
        claim("The $name foretells when, better than train accuracy does", source(name), published(name)) {
            (held.rankCorrelation(sign, step, early, others) isAbove 0.0 by .3).above(
                held.rankCorrelation(trainAccuracy, step, early, others),
                name = "train accuracy",
            )
        }
        claim(
            "The $name warns a tenth of the way or more ahead, at one false positive in ten",
            source(name),
            published(name),
        ) {
            (held.lead(sign, groks, early, others) isAbove 0.0 by .1).above(
                held.lead(trainAccuracy, groks, early, others),
                by = .05,
                name = "train accuracy",
            )
        }
    }
    claim("Train accuracy .99, without any geometry, foretells whether it groks", "ours", "not stated") {
        held.auroc(control, groks, early, others) isAbove .5 by .1
    }
}
