package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.model.Site
import holonomy.probe.AblationPlan
import holonomy.probe.Places
import holonomy.probe.ProbeTraining
import holonomy.probe.SparseStudy
import holonomy.probe.Sparsity
import holonomy.run.Stage
import holonomy.statistic.SparseNumbers
import holonomy.train.AdamW

/** Where activations are taken and edited: the residual stream after a layer, at some tokens. */
data class Place(val layer: Int, val tokens: Places) {
    override fun toString() =
        if (layer < 0) "embeddings, ${tokens.label()}" else "after layer $layer, ${tokens.label()}"
}

/** The residual stream after a layer (-1: the embeddings). */
fun afterLayer(layer: Int, tokens: Places = valueTokens) = Place(layer, tokens)

/** The values: one place to the right of each marker. */
val valueTokens = Places.VALUES

/** The marker tokens. */
val markerTokens = Places.MARKERS

/** The last token, where the label is read out. */
val lastToken = Places.LAST

/** Every token. */
val allTokens = Places.ALL

/** The [k] largest latents are kept: the published code's form. */
fun topK(k: Int): Sparsity = Sparsity.TopK(k)

/** ReLU with an L1 penalty, steered to about [active] active latents: the paper's form. */
fun reluL1(active: Double): Sparsity = Sparsity.SteeredRelu(active)

/**
 * The recipe of a sparse autoencoder.
 *
 * @param activations rows recorded; a tenth is held out
 */
data class SparseRecipe(
    val sparsity: Sparsity,
    val latents: Int,
    val steps: Int,
    val activations: Int,
    val batch: Int = 512,
    val learningRate: Double = 3e-4,
) {
    internal val training = ProbeTraining(sparsity, latents, AdamW.of(learningRate), steps, batch)
}

/**
 * What is ablated: the [chosen] latents of largest variance and as many most correlated with m, beside as many random
 * ones that fire as often; [counts] latents of largest variance for the curve.
 */
fun ablation(chosen: Int = 6, counts: List<Int> = emptyList(), randomSets: Int = 5, heldOut: Int = 512) =
    AblationPlan(chosen, counts, randomSets, heldOut)

/** A handle on sparse autoencoders of runs at stages and places, with attribution and ablation. */
class SparseAutoencoders
internal constructor(
    internal val runs: Runs,
    internal val stages: List<Stage>,
    internal val places: List<Place>,
    internal val settings: SparseStudy.Settings,
    internal val requests: List<DerivedRequest>,
    internal val archive: Archive,
) {
    private val tables = mutableMapOf<List<Any?>, Lazy<Table>>()

    /**
     * Columns arm, task, seed, stage, place, then those of one of [SparseStudy]'s tables; each file is read once.
     *
     * @param stage,place only these; null for all
     */
    internal fun table(file: String, stage: Stage? = null, place: Place? = null): Table =
        tables
            .getOrPut(listOf(file, stage, place)) {
                val kept =
                    requests.filter {
                        (stage == null || it.labels[STAGE] == stage.name()) &&
                            (place == null || it.labels[PLACE] == place.toString())
                    }
                if (kept.isEmpty())
                    throw UserError(
                        "sparse autoencoders: there are none $place at stage '${stage?.name()}'; they are at stages ${stages.map { it.name() }} and places $places"
                    )
                archive.once { archive.table(kept, file) }
            }
            .value

    /** What went less than well, for a figure's subtitle; null if nothing did. */
    internal val warning: String?
        get() {
            val warnings =
                archive.results(requests).flatMap { (_, stored) ->
                    stored.summary().path("warnings").map { it.asText() }
                }
            val all = warnings.distinct() + listOfNotNull(archive.notReached(requests))
            return all.takeIf { it.isNotEmpty() }?.joinToString("; ")
        }
}

/**
 * Trains a sparse autoencoder of every run at every stage and place. They are computed after the runs, kept in the
 * store, and never computed twice.
 *
 * @param attributed sequences of the attribution, one activation each
 * @param permutations of its null
 */
fun ExperimentScope.sparseAutoencoders(
    runs: Runs,
    stages: List<Stage>,
    places: List<Place>,
    recipe: SparseRecipe,
    ablation: AblationPlan = ablation(),
    attributed: Int = 1_000,
    permutations: Int = 200,
): SparseAutoencoders {
    if (stages.isEmpty() || places.isEmpty())
        throw UserError("sparse autoencoders: expected at least one stage and one place")
    if (places.distinct().size < places.size)
        throw UserError("sparse autoencoders: a place is listed twice ($places); each is computed once")
    val settings = SparseStudy.Settings(recipe.training, recipe.activations, attributed, permutations, ablation)
    val requests =
        runs.points.flatMap { point ->
            val plan = point.wholeSnapshots("sparse autoencoders")
            places.forEach { Site.residual(it.layer).check(point.request.spec().model()) }
            stages.flatMap { stage ->
                places.map { place ->
                    val label =
                        "autoencoder (${recipe.sparsity.label()}) $place, ${stage.name()}: ${point.request.label()}"
                    DerivedRequest(point, label, labels(point, stage, place)) { run, words ->
                        val spec = point.request.spec()
                        SparseStudy(
                            run,
                            spec,
                            plan,
                            stage.step(run, spec, plan),
                            place.layer,
                            place.tokens,
                            settings,
                            words,
                        )
                    }
                }
            }
        }
    return SparseAutoencoders(runs, stages, places, settings, requests, derive(requests))
}

private val PLACE: Table.Column = SparseNumbers.PLACE

private fun labels(point: Point, stage: Stage, place: Place): Map<Table.Column, Any> =
    point.labels() + (STAGE to stage.name()) + (PLACE to place.toString())
