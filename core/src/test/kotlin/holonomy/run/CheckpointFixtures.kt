package holonomy.run

import holonomy.model.ComputeDevice
import holonomy.store.Store
import holonomy.train.TrainingState

/** What a run would go on from; null if there is nothing, or another holds the run. */
internal fun checkpoint(store: Store, request: RunRequest): Any? =
    store.tryWrite(request.id(), "run", request.spec().spec()).orElse(null)?.use { writer ->
        Checkpoint.read(writer, request, ComputeDevice.CPU)
            .map { listOf(state(it.state()), it.latest(), it.tables(), it.pending(), it.seconds()) }
            .orElse(null)
    }

internal fun state(state: TrainingState) =
    listOf(state.theta().toList(), state.optimizer().arrays().mapValues { it.value.toList() }, state.step())
