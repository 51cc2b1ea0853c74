package holonomy.dsl

import holonomy.data.Numbers
import holonomy.data.Table
import holonomy.probe.Ablation.Form
import holonomy.probe.AblationPlan
import holonomy.probe.Attribute
import holonomy.probe.SparseStudy
import holonomy.run.Stage
import holonomy.statistic.RunNumber
import holonomy.statistic.SparseNumbers
import java.util.OptionalInt

/** An edit of the residual stream. */
typealias Edit = SparseNumbers.Edit

/** The network as it is. */
val beforeAblation = Edit(AblationPlan.NONE, Form.KEEP_ERROR, "before")

/** The latents of largest variance set to zero, the autoencoder's error added back. */
val mostVariable = Edit(AblationPlan.VARIABLE, Form.KEEP_ERROR, "N most variable")

/** [mostVariable] without adding the error back, as published. */
val mostVariableWithoutError = Edit(AblationPlan.VARIABLE, Form.DROP_ERROR, "N most variable, no error")

/** The latents of largest variance set to their means, the error added back. */
val mostVariableToMean = Edit(AblationPlan.VARIABLE, Form.MEAN, "N most variable, set to mean")

/** The latents most correlated with m set to zero. */
val mostCorrelated = Edit(AblationPlan.CORRELATED, Form.KEEP_ERROR, "N most correlated with m")

/** As many random latents that fire about as often as those of largest variance; mean over sets. */
val randomLatents = Edit(AblationPlan.RANDOM_VARIABLE, Form.KEEP_ERROR, "N random, as frequent")

/** All latents set to zero, the error added back: the most that any choice of latents can do. */
val allLatents = Edit(AblationPlan.ALL, Form.KEEP_ERROR, "all latents")

/** The reconstruction in place of the activation, nothing ablated. */
val reconstructionOnly = Edit(AblationPlan.RECONSTRUCTION, Form.DROP_ERROR, "reconstruction only")

/** What a latent may go with. */
val markerCount = Attribute.MARKERS
val markedValue = Attribute.VALUE
val markerIndex = Attribute.INDEX
val tokenPosition = Attribute.POSITION
val sequenceLabel = Attribute.LABEL

/** What edits do; [count] latents, or any: see [SparseNumbers.effects]. */
internal fun SparseAutoencoders.effects(edits: List<Edit>, count: Int?): Table =
    SparseNumbers.effects(
        table(SparseStudy.ABLATION),
        edits,
        if (count == null) OptionalInt.empty() else OptionalInt.of(count),
    )

/** Accuracy before minus accuracy after an edit, mean over m, at one stage and place, per seed; dimensionless. */
fun SparseAutoencoders.drop(edit: Edit, stage: Stage, place: Place): Measured {
    val label = "drop of accuracy by ablating ${edit.words("$chosen")} $place, ${stage.name()}"
    return measured(SparseNumbers.drop(label, ::ablations, beforeAblation, edit, chosen, at(stage, place)))
}

/**
 * Number of latents whose correlation with an attribute has at least this size, |r| (for classes the correlation
 * ratio). Unlike a count beyond a corrected p it doesn't grow with the number of sequences looked at.
 */
fun SparseAutoencoders.latentsAbove(strength: Double, attribute: Attribute, stage: Stage, place: Place): Measured {
    val label = "latents with |r| of at least ${Numbers.brief(strength)}, ${attribute.label()} $place, ${stage.name()}"
    val table = { table(SparseStudy.ATTRIBUTION, stage, place) }
    return measured(SparseNumbers.strong(label, table, attribute.label(), strength, at(stage, place)))
}

private val SparseAutoencoders.chosen
    get() = settings.ablation().chosen()

private fun SparseAutoencoders.ablations() = table(SparseStudy.ABLATION)

private fun at(stage: Stage, place: Place) = SparseNumbers.at(stage.name(), "$place")

private fun SparseAutoencoders.measured(number: RunNumber): Measured = plain(number.of(runs))
