package holonomy.dsl

import holonomy.model.Design
import holonomy.study.language.StorySizes
import holonomy.study.language.language
import holonomy.study.language.stories
import holonomy.train.RunSpec
import holonomy.train.Schedule
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

        "stories have the profile's sizes, and a model fits them" {
            task.vocabulary() shouldBe 192
            task.probe().get().codewords().size shouldBe 16
            task.evaluationSets().map { it.name() }.first() shouldBe "validation"
            val model = profile.language.modelFor(task)
            RunSpec(task, model, profile.language.training, 1).label() shouldBe
                "${task.label()}; ${model.label()}; seed 1"
        }
    })
