package holonomy.cli

import holonomy.data.UserError
import java.util.Properties

/** The machine as native libraries are named: `linux-x86_64`, `osx-aarch64` ... */
internal fun platform(): String {
    val name = System.getProperty("os.name").lowercase()
    val system = if (name.startsWith("mac")) "osx" else if (name.startsWith("win")) "win" else name.substringBefore(' ')
    val arch = System.getProperty("os.arch").let { if (it == "amd64") "x86_64" else it }
    return "$system-$arch"
}

/** The platforms that the build's packaged native libraries are for; none when the build has none. */
internal fun packagedPlatforms(): List<String> =
    Thread.currentThread().contextClassLoader.getResources("native/lib/pytorch.properties").toList().map { url ->
        Properties().apply { url.openStream().use(::load) }.getProperty("classifier")
    }

/**
 * Checks that the engine has a native library here: packaged with the build, or one that `PYTORCH_LIBRARY_PATH` points
 * at.
 *
 * @throws UserError where there is none for this platform
 */
internal fun requireNativeLibrary(
    platform: String = platform(),
    packaged: List<String> = packagedPlatforms(),
    installed: String? = System.getenv("PYTORCH_LIBRARY_PATH"),
) {
    if (!installed.isNullOrEmpty() || platform in packaged) return
    throw UserError(
        "no native PyTorch library for this machine: expected one for $platform, found ${packaged.joinToString().ifEmpty { "none" }}. " +
            "Build on a supported platform (linux-x86_64, linux-aarch64, osx-aarch64, win-x86_64), " +
            "or set PYTORCH_LIBRARY_PATH to the lib folder of an installed libtorch."
    )
}
