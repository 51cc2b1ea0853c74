package holonomy.dsl

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.markers.MarkedProfile
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import holonomy.train.GroupSeed
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", block = block) }

private fun mistake(block: ExperimentScope.() -> Unit) = shouldThrow<UserError> { declared(block) }.message

private fun ExperimentScope.tinyRuns(profile: MarkedProfile = tiny, kept: Int = 6) =
    train(profile.attentionOnly.copy(name = "width ${profile.width}"), listOf(profile.mainTask), tiny.seeds) {
        snapshot(attention, kept)
    }

class OverlapsTest :
    FreeSpec({
        "crossed runs have one seed's initial values and the next one's batches" {
            val specs =
                declared { train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1, 2, 3), data = nextSeed) {} }
                    .requests
                    .map { it.spec() }
            specs.map { it.initSeed() to it.dataSeed() } shouldBe listOf(1L to 2L, 2L to 3L, 3L to 1L)
            val own =
                declared { train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1, 2)) {} }
                    .requests
                    .map { it.spec() }
            val start = Weights.initial(specs[0].model(), specs[0].initSeed()).values()
            start.contentEquals(Weights.initial(own[0].model(), own[0].initSeed()).values()) shouldBe true
            val batch = specs[0].task().batch(specs[0].batches(), 0, 8)
            batch.tokens() shouldBe own[1].task().batch(own[1].batches(), 0, 8).tokens()
        }

        "a run can share one group's initial values with its seed's, all else with the next one's" {
            val specs =
                declared {
                        train(
                            tiny.attentionOnly,
                            listOf(tiny.mainTask),
                            listOf(1, 2),
                            nextSeed,
                            keeping = embeddings,
                        ) {}
                    }
                    .requests
                    .map { it.spec() }
            specs.map { Triple(it.initSeed(), it.dataSeed(), it.groupSeed().get()) } shouldBe
                listOf(
                    Triple(2L, 2L, GroupSeed(WeightGroup.EMBEDDINGS, 1)),
                    Triple(1L, 1L, GroupSeed(WeightGroup.EMBEDDINGS, 2)),
                )
        }

        "a single seed takes the batches of the one after it" {
            declared { train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(5), data = nextSeed) {} }
                .requests
                .single()
                .spec()
                .dataSeed() shouldBe 6
        }

        "subspaces of different sizes are refused before anything trains" {
            mistake { overlaps(tinyRuns() + tinyRuns(tiny.copy(width = 32)), snapshots = 6) } shouldBe
                "overlap of subspaces: run 'width 16, sum modulo 4, m 1..2, seed 1' has 2 layers of 2 heads with matrices of 16 x 16, " +
                    "run 'width 32, sum modulo 4, m 1..2, seed 1' has 2 layers of 2 heads with matrices of 32 x 32; " +
                    "subspaces of different sizes have no angles between them. Compare runs of one size"
        }

        "so are more directions than a path has, and runs without the snapshots" {
            mistake { overlaps(tinyRuns(), snapshots = 6, k = 6) } shouldBe
                "overlap of subspaces: the top 6 directions need at least 7 snapshots and 1 direction, found 6 snapshots"
            mistake { overlaps(tinyRuns(kept = 5), snapshots = 6) } shouldBe
                "overlap of subspaces: run 'width 16, sum modulo 4, m 1..2, seed 1' does not keep 6 snapshots of its attention matrices; " +
                    "add snapshot(attention, 6) to its train { }"
        }

        "overlaps are computed once, kept in the store, and equal those computed from the snapshots there and then" {
            lateinit var overlaps: Overlaps
            val experiment = declared {
                val own = tinyRuns()
                val crossed =
                    train(own.points.first().arm, listOf(tiny.mainTask), tiny.seeds, data = nextSeed) {
                        snapshot(attention, 6)
                    }
                val parts =
                    listOf(embeddings, attention).map {
                        train(own.points.first().arm, listOf(tiny.mainTask), tiny.seeds, nextSeed, keeping = it) {
                            snapshot(attention, 6)
                        }
                    }
                overlaps = overlaps(own + crossed + parts[0] + parts[1], snapshots = 6, k = 2)
            }
            val store = Store.open(tempdir().toPath())
            val results = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(experiment.requests) { false }
            val runs = results.associate { it.request().id() to it.run().get() }
            val wanted = experiment.derived.single().let { it.of(runs.getValue(it.point.id), runs::get) }
            val kept = DerivedRunner(store, 1, Progress.NONE).run(listOf(wanted)) { false }.single().stored().get()
            experiment.archive.fill(runs + (kept.id() to kept))
            overlaps.byPartner shouldBe overlaps.paths.between().byPartner()
            overlaps.betweenRuns shouldBe overlaps.paths.between().shown()
            overlaps.withinRuns shouldBe overlaps.paths.within()
            overlaps.byPartner.rows().map { it.text("comparison") }.distinct() shouldBe
                listOf("other data", "other start", "other seed", "same embeddings", "same attention")
            overlaps.overChance(Partner.OTHER_DATA).values.seeds() shouldBe tiny.seeds
            DerivedRunner(store, 1, Progress.NONE)
                .run(listOf(wanted)) { false }
                .single()
                .stored()
                .get()
                .created() shouldBe kept.created()
        }
    })
