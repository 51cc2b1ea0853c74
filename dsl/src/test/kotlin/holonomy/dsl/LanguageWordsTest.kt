package holonomy.dsl

import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.study.language.StorySizes
import holonomy.study.language.adam
import holonomy.study.language.control
import holonomy.study.language.lambdaMoved
import holonomy.study.language.language
import holonomy.study.language.lasting
import holonomy.study.language.publishedMomentum
import holonomy.study.language.publishedNesterov
import holonomy.study.language.publishedSgd
import holonomy.study.language.sgd
import holonomy.study.language.stories
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

private val profile =
    Profile(
        name = "unit",
        task = StorySizes(length = 48, vocabulary = 192, codewords = 16, heldOut = 100),
        layers = 2,
        heads = 2,
        width = 32,
        learningRate = 1e-3,
        weightDecay = .5,
        warmup = 1_500,
        steps = 10_000,
        batch = 128,
        snapshots = 51,
        evaluations = 51,
        seeds = listOf(1),
    )

class LanguageWordsTest :
    FreeSpec({
        val task = profile.stories(share = .1, near = 3..12, far = 16..27)

        "the recipe is the published one" {
            val training = profile.language.training
            training.schedule() shouldBe Schedule.cutCosine(1_500, .1)
            training.weights()["probe"] shouldBe Schedule.level(2.0).then(4.0, 3_999)
            training.weights()["text"] shouldBe Schedule.constant()
            training.spec()["ownMeans"].booleanValue() shouldBe true
            training.clip() shouldBe 1.0
            profile.language.hidden shouldBe 128
            profile.language.design shouldBe Design.LANGUAGE
            profile.copy(steps = 2).language.training.weights()["probe"] shouldBe Schedule.level(2.0).then(4.0, 1)
        }

        "controls differ from the recipe in what they name alone" {
            val short = profile.lasting(.4)
            short.steps shouldBe 4_000
            val control = short.control.training
            control.weights()["probe"] shouldBe Schedule.level(2.0)
            short.adam("Adam").training shouldBe control
            short.lambdaMoved(.4).training.weights()["probe"] shouldBe Schedule.level(2.0).then(4.0, 1_599)
            profile.lambdaMoved(.4).training shouldBe profile.language.training
            short.adam("signs", beta1 = .0, beta2 = .0, decay = .25).training.optimizer() shouldBe
                AdamW(1e-3, .0, .0, 1e-8, .125, Optimizer.Decay.DECOUPLED)
            short.sgd(.03, momentum = .9, nesterov = true).let {
                it.name shouldBe "Nesterov at 0.03"
                it.training shouldBe control.by(Sgd(.03, .9, true, .0, Optimizer.Decay.DECOUPLED))
            }
        }

        "published controls are scaled from 4,000 steps of 25,165,824 matrix weights to the profile's" {
            val short = profile.lasting(.4)
            val trunk = short.control.modelFor(task).layout().group(WeightGroup.MATRICES).sumOf { it.size().toLong() }
            fun scaled(rule: Sgd) = rule.scaled(4_000, 4_000, 25_165_824, trunk)
            short.publishedSgd.training.optimizer() shouldBe scaled(Sgd(1e-3, .0, false, .5, Optimizer.Decay.L2))
            short.publishedMomentum.training.optimizer() shouldBe scaled(Sgd(1e-2, .9, false, .05, Optimizer.Decay.L2))
            short.publishedNesterov.training.optimizer() shouldBe
                scaled(Sgd(1e-2, .9, true, .5, Optimizer.Decay.DECOUPLED))
        }

        "stories have the profile's sizes, and a model fits them" {
            task.vocabulary() shouldBe 192
            task.probe().get().codewords().size shouldBe 16
            task.evaluationSets().map { it.name() }.first() shouldBe "validation"
            val model = profile.language.modelFor(task)
            RunSpec(task, model, profile.language.training, 1).label() shouldBe
                "${task.label()}; ${model.label()}; seed 1"
        }
    })
