package holonomy.host

import holonomy.data.UserError
import holonomy.dsl.Declarations
import holonomy.dsl.DeclaredClaim
import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import java.io.File
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine
import kotlin.script.experimental.api.CompiledScript
import kotlin.script.experimental.api.EvaluationResult
import kotlin.script.experimental.api.ResultValue
import kotlin.script.experimental.api.ResultWithDiagnostics
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.ScriptDiagnostic.Severity
import kotlin.script.experimental.api.ScriptEvaluationConfiguration
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.api.constructorArgs
import kotlin.script.experimental.api.hostConfiguration
import kotlin.script.experimental.dependencies.withTransformedResolvers
import kotlin.script.experimental.host.toScriptSource
import kotlin.script.experimental.jvm.BasicJvmScriptEvaluator
import kotlin.script.experimental.jvm.baseClassLoader
import kotlin.script.experimental.jvm.defaultJvmScriptingHostConfiguration
import kotlin.script.experimental.jvm.impl.KJvmCompiledScript
import kotlin.script.experimental.jvm.jvm
import kotlin.script.experimental.jvm.updateClasspath
import kotlin.script.experimental.jvmhost.JvmScriptCompiler
import kotlin.script.experimental.jvmhost.createJvmCompilationConfigurationFromTemplate
import kotlin.script.experimental.jvmhost.createJvmEvaluationConfigurationFromTemplate
import org.jetbrains.kotlin.mainKts.MainKtsScript
import org.slf4j.LoggerFactory

/**
 * Compiles and evaluates `.main.kts` scripts in this JVM with Kotlin's own definition of them, and collects what they
 * declare. Our own coordinates in `@file:DependsOn` are answered from the class path.
 *
 * @param cache the folder of compiled scripts (`.holonomy/scripts`); a sub-folder per class path is made in it
 * @param classPath what scripts may use; compiled scripts of another class path are not taken
 */
class ScriptHost(cache: File, private val classPath: List<File> = ownClassPath()) {
    private val log = LoggerFactory.getLogger(ScriptHost::class.java)
    private val evaluated = linkedSetOf<File>()
    private val compiledScripts = CompiledScripts(File(cache, digestOf(classPath).take(16)), classPath.toSet())

    /**
     * What [script] declares when it is asked for [invocation]; nothing is trained.
     *
     * @throws ScriptError where the script is missing, doesn't compile, or declares what cannot be
     */
    fun declare(script: File, invocation: Invocation): List<Experiment> {
        val declarations = Declarations(invocation)
        declare(script, declarations)
        return declarations.experiments
    }

    /** As above, into [declarations], which several scripts may share. */
    fun declare(script: File, declarations: Declarations) {
        val file = script.absoluteFile.normalize()
        if (!file.isFile) throw ScriptError(file, "${shown(file)}: no such script")
        val compiled = compiledScripts.find(file) ?: compile(file)
        declarations.rehearsed += rehearse(file, compiled, declarations.invocation)
        Declarations.collecting(declarations) { evaluate(file, compiled) }
    }

    /**
     * Evaluates the script once for looking at its figures and claims, see [Experiment.rehearse]. Nothing of it is
     * kept: what a block without data has left in the script's variables must not reach the true one.
     */
    private fun rehearse(file: File, compiled: CompiledScript, invocation: Invocation): List<DeclaredClaim> {
        val rehearsal = Declarations(invocation)
        Declarations.collecting(rehearsal) { evaluate(file, compiled) }
        return try {
            rehearsal.experiments.flatMap(Experiment::rehearse)
        } catch (error: UserError) {
            throw blamed(error)
        }
    }

    /**
     * What [error] is to the user: a [ScriptError] at the line of an evaluated script that caused it (also later, in a
     * block the script left behind), or [error] itself where no script is to blame.
     */
    fun blamed(error: Throwable): Throwable {
        val scripts = evaluated.toList()
        val frame = guiltyFrame(error, scripts) ?: return error
        return ScriptError(scripts.first { it.name == frame.fileName }, describeFailure(error, frame, scripts))
    }

    private fun compile(file: File): CompiledScript {
        val started = System.currentTimeMillis()
        val result = withoutSuspending { JvmScriptCompiler()(file.toScriptSource(), compilation()) }
        result.reports.filter { it.severity >= Severity.WARNING }.forEach { log.info("{}", it.render()) }
        if (result !is ResultWithDiagnostics.Success) throw ScriptError(file, describeErrors(file, result.reports))
        return result.value.also { compiledScripts.store(file, it as KJvmCompiledScript, started) }
    }

    /**
     * Main-kts's definition, but for its cache of compiled scripts (which goes stale) and its answer to our own
     * coordinates.
     */
    private fun compilation(): ScriptCompilationConfiguration =
        createJvmCompilationConfigurationFromTemplate<MainKtsScript> {
                updateClasspath(scriptClassPath(classPath))
                compilerOptions.append("-jvm-target", "17")
                hostConfiguration(defaultJvmScriptingHostConfiguration)
            }
            .withTransformedResolvers(::OwnCoordinates)

    private fun evaluation(): ScriptEvaluationConfiguration =
        createJvmEvaluationConfigurationFromTemplate<MainKtsScript> {
            constructorArgs(emptyArray<String>())
            jvm { baseClassLoader(ScriptHost::class.java.classLoader) }
        }

    private fun evaluate(file: File, compiled: CompiledScript) {
        val evaluator = FirstFailure()
        val result = withoutSuspending { evaluator(compiled, evaluation()) }
        if (result !is ResultWithDiagnostics.Success) throw ScriptError(file, describeErrors(file, result.reports))
        evaluated += sourcesOf(file, compiled)
        evaluator.failure?.let { throw blamed(it) }
    }

    private fun sourcesOf(file: File, compiled: CompiledScript): List<File> =
        listOf(file) +
            compiled.otherScripts.flatMap { other ->
                other.sourceLocationId?.let { sourcesOf(File(it), other) }.orEmpty()
            }
}

/**
 * Kotlin's evaluator goes on with null where an imported script fails, and fails again for that reason: the first
 * failure is the true one.
 */
private class FirstFailure : BasicJvmScriptEvaluator() {
    var failure: Throwable? = null
        private set

    override suspend fun invoke(
        compiledScript: CompiledScript,
        scriptEvaluationConfiguration: ScriptEvaluationConfiguration,
    ): ResultWithDiagnostics<EvaluationResult> {
        val result = super.invoke(compiledScript, scriptEvaluationConfiguration)
        val value = (result as? ResultWithDiagnostics.Success)?.value?.returnValue
        if (value is ResultValue.Error) failure = failure ?: value.error
        return result
    }
}

/** Kotlin's compiler and evaluator are declared `suspend` but never do. */
private fun <T> withoutSuspending(block: suspend () -> T): T {
    var result: Result<T>? = null
    block.startCoroutine(Continuation(EmptyCoroutineContext) { result = it })
    return checkNotNull(result) { "the compiler suspended" }.getOrThrow()
}
