package holonomy.dsl

import holonomy.model.Design
import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import holonomy.train.AdamW
import holonomy.train.MicroBatches
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.Training

/**
 * The language model of arXiv 2602.23696 under its recipe: AdamW (betas .9 and .95, decoupled decay of matrices and
 * embeddings), warm-up, then a cosine cut off at a tenth, gradients clipped to norm 1, two micro-batches with means of
 * their own; the probe weighs 2 in the loss, from two fifths of the steps on 4.
 */
val Profile.language: Arm
    get() {
        val adam = AdamW(learningRate, .9, .95, 1e-8, weightDecay, Optimizer.Decay.DECOUPLED)
        val training =
            Training(adam, Schedule.cutCosine(warmup, .1), steps, batch, 1.0)
                .computed(MicroBatches(2, true))
                .weighing("text", Schedule.constant())
                .weighing("probe", Schedule.level(2.0).then(4.0, maxOf(1, steps * 2 / 5 - 1)))
        return Arm("language model", layers, heads, width, 4 * width, training, Design.LANGUAGE)
    }

/**
 * The next token of generated stories that fill the profile's length, and a key-retrieval probe in a [share] of the
 * sequences, with `classes` codewords. The question stands [near] tokens after the codeword; evaluated there and [far]
 * ones away, on `heldOut` sequences each.
 */
fun Profile.stories(share: Double, near: IntRange, far: IntRange): LanguageTask {
    val words = WordEncoding.of(vocabulary, classes)
    val text = StoryGenerator.filling(words.lexicon(), length + 1)
    return LanguageTask(text, words, length, heldOut)
        .with(Probe.of(words, classes, share, gaps(near), gaps(far), heldOut))
}

private fun gaps(range: IntRange) = Probe.Gaps(range.first, range.last)
