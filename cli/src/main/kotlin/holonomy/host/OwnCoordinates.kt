package holonomy.host

import holonomy.dsl.VERSION
import java.io.File
import kotlin.script.experimental.api.ResultWithDiagnostics
import kotlin.script.experimental.api.SourceCode
import kotlin.script.experimental.api.asSuccess
import kotlin.script.experimental.api.makeFailureResult
import kotlin.script.experimental.dependencies.ArtifactWithLocation
import kotlin.script.experimental.dependencies.ExternalDependenciesResolver

/**
 * Answers `@file:DependsOn("holonomy:...")` with nothing to add, for the host's class path has it already; hands every
 * other coordinate to [others]. Hence our own scripts need no repository and no network.
 */
internal class OwnCoordinates(private val others: ExternalDependenciesResolver) :
    ExternalDependenciesResolver by others {
    override fun acceptsArtifact(artifactCoordinates: String) =
        isOurs(artifactCoordinates) || others.acceptsArtifact(artifactCoordinates)

    override suspend fun resolve(
        artifactCoordinates: String,
        options: ExternalDependenciesResolver.Options,
        sourceCodeLocation: SourceCode.LocationWithId?,
    ): ResultWithDiagnostics<List<File>> =
        when {
            !isOurs(artifactCoordinates) -> others.resolve(artifactCoordinates, options, sourceCodeLocation)
            artifactCoordinates in OURS -> emptyList<File>().asSuccess()
            else -> makeFailureResult("'$artifactCoordinates' is not this checkout's library; expected ${OURS.first()}")
        }

    override suspend fun resolve(
        artifactsWithLocations: List<ArtifactWithLocation>,
        options: ExternalDependenciesResolver.Options,
    ): ResultWithDiagnostics<List<File>> {
        val (ours, theirs) = artifactsWithLocations.partition { isOurs(it.artifact) }
        for (own in ours) {
            val answer = resolve(own.artifact, options, own.sourceCodeLocation)
            if (answer is ResultWithDiagnostics.Failure) return answer
        }
        return if (theirs.isEmpty()) emptyList<File>().asSuccess() else others.resolve(theirs, options)
    }

    private fun isOurs(coordinates: String) = coordinates.startsWith("holonomy:")

    private companion object {
        val OURS = listOf("holonomy:holonomy-dsl:$VERSION", "holonomy:holonomy-core:$VERSION")
    }
}
