package holonomy.dsl

import holonomy.data.Table
import holonomy.experiment.SeedValues
import holonomy.probe.Ablation.Form
import holonomy.probe.AblationPlan
import holonomy.probe.Attribute
import holonomy.probe.SparseStudy
import holonomy.run.Stage

/**
 * An edit of the residual stream, as the ablation's table names it.
 *
 * @property words as figures and claims name it; `N` stands for the number of latents
 */
class Edit internal constructor(internal val name: String, internal val form: Form, internal val words: String)

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

/**
 * Accuracy after an edit, mean over m and random sets: columns run, seed, stage, place, edit, latents, accuracy, loss,
 * changed, able, majority.
 *
 * @param count number of latents; null for any
 */
internal fun SparseAutoencoders.effects(edits: List<Edit>, count: Int?): Table {
    val rows = table(SparseStudy.ABLATION).rows()
    val quantities = listOf("accuracy", "loss", "changed", "able", "majority", "firing")
    val builder =
        Table.builder(
            listOf(RUN, "seed", "stage", "place", "edit").map { Table.text(it) } +
                Table.whole("latents") +
                quantities.map { Table.quantity(it) }
        )
    for (edit in edits) {
        val own =
            rows.filter {
                it.text("edit") == edit.name &&
                    it.text("form") == edit.form.name &&
                    (count == null || edit.name !in COUNTED || it.number("latents") == count.toDouble())
            }
        val cells =
            own.groupBy {
                listOf(it.text(RUN), it.text("seed"), it.text("stage"), it.text("place")) to it.value("latents")
            }
        for ((key, cell) in cells) {
            val (of, latents) = key
            val words = edit.words.replace("N", "${count ?: "N"}")
            builder.row(*of.toTypedArray(), words, latents, *quantities.map(cell::mean).toTypedArray())
        }
    }
    return builder.build()
}

private val COUNTED = setOf(AblationPlan.VARIABLE, AblationPlan.RANDOM_VARIABLE)

/** Accuracy before minus accuracy after an edit, mean over m, at one stage and place, per seed; dimensionless. */
fun SparseAutoencoders.drop(edit: Edit, stage: Stage, place: Place): Measured =
    measured("drop of accuracy by ablating ${edit.words.replace("N", chosen)} $place, ${stage.name()}") { run ->
        fun accuracy(of: Edit) =
            at(effects(listOf(of), settings.ablation().chosen()), run, stage, place).singleOrNull()?.number("accuracy")
                ?: Double.NaN
        accuracy(beforeAblation) - accuracy(edit)
    }

/** Number of latents that go with an attribute beyond chance (permutation p below .05, corrected for all latents). */
fun SparseAutoencoders.correlatedLatents(attribute: Attribute, stage: Stage, place: Place): Measured =
    measured("latents correlated with ${attribute.label()} $place, ${stage.name()} (corrected p < .05)") { run ->
        val latents =
            at(table(SparseStudy.ATTRIBUTION, stage, place), run, stage, place).filter {
                it.text("attribute") == attribute.label()
            }
        // No row: the run never reached the stage, or the attribute never varies there.
        if (latents.isEmpty()) Double.NaN else latents.count { it.number("p") < LEVEL }.toDouble()
    }

/** The same number where latents go with nothing: at most .05 latents are expected beyond the corrected level. */
fun SparseAutoencoders.byChance(): SeedValues =
    measured("latents beyond the corrected level by chance") { LEVEL }.values

/** Share of held-out sequences whose last token lies where the edit is, or with layers left to act through. */
fun SparseAutoencoders.able(stage: Stage, place: Place): Measured =
    measured("share of sequences that an edit $place can reach") { run ->
        at(effects(listOf(mostVariable), settings.ablation().chosen()), run, stage, place)
            .singleOrNull()
            ?.number("able") ?: Double.NaN
    }

private const val LEVEL = .05

private val SparseAutoencoders.chosen
    get() = settings.ablation().chosen().toString()

private fun SparseAutoencoders.at(table: Table, run: String, stage: Stage, place: Place): List<Table.Row> =
    table.rows().filter {
        it.text(RUN) == run && it.text("stage") == stage.name() && it.text("place") == place.toString()
    }

private fun SparseAutoencoders.measured(label: String, value: (String) -> Double): Measured =
    plain(runs.perSeed(label) { value(it.id) })

/** This statement, whose number must lie above another measured one by more than [margin]. */
fun Statement.above(other: Measured, margin: Double = 0.0) =
    beating(other.values.label(), other.values, holonomy.experiment.Claim.Side.ABOVE, margin)

/** This statement, whose number must lie below another measured one by more than [margin]. */
fun Statement.below(other: Measured, margin: Double = 0.0) =
    beating(other.values.label(), other.values, holonomy.experiment.Claim.Side.BELOW, margin)

/** This statement, whose number must lie above values given seed by seed. */
fun Statement.above(values: SeedValues) = beating(values.label(), values, holonomy.experiment.Claim.Side.ABOVE)
