package holonomy.gallery

import java.security.MessageDigest
import java.util.Base64

/** What pages bring along: styles and scripts. */
internal object Assets {
    fun text(name: String): String =
        checkNotNull(Assets::class.java.getResourceAsStream(name)) { "$name is missing from the jar" }
            .use { it.readBytes().decodeToString() }

    /** What a page's policy admits: exactly the text between the script's tags. */
    fun hash(script: String): String {
        val digest = MessageDigest.getInstance("SHA-256").digest(script.toByteArray())
        return "sha256-" + Base64.getEncoder().encodeToString(digest)
    }
}
