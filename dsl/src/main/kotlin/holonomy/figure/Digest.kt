package holonomy.figure

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.SerializationFeature
import java.security.MessageDigest
import java.util.HexFormat

/** SHA-256 of what a picture depends on. */
internal object Digest {
    /** JSON with sorted keys, indented. */
    val json: ObjectMapper =
        ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).enable(SerializationFeature.INDENT_OUTPUT)

    /**
     * Of the dressed specification (rows, layers, scales, theme, texts, size), the look's version and the versions that
     * draw.
     */
    fun of(dressed: Dressed): String {
        val parts =
            mapOf(
                "spec" to dressed.spec,
                "look" to Theme.VERSION,
                "name" to dressed.figure.name,
                "roles" to dressed.figure.layers.map { it.role },
                "sources" to dressed.figure.sources,
                "drawn with" to DRAWN_WITH,
            )
        return hex(json.writeValueAsBytes(parts))
    }

    /** SHA-256 in hexadecimal. */
    fun hex(bytes: ByteArray): String = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))

    /** Versions of what draws: the libraries, and [Raster]. */
    val DRAWN_WITH: Map<String, String> by lazy {
        mapOf(
            "raster" to Raster.VERSION,
            "lets-plot" to
                version("org.jetbrains.lets-plot", "lets-plot-kotlin-jvm", org.jetbrains.letsPlot.Figure::class.java),
            "batik" to
                version(
                    "org.apache.xmlgraphics",
                    "batik-transcoder",
                    org.apache.batik.transcoder.Transcoder::class.java,
                ),
        )
    }

    /** Version of what makes PDFs. */
    val fop: String by lazy {
        version("org.apache.xmlgraphics", "fop-core", org.apache.fop.svg.PDFTranscoder::class.java)
    }

    private fun version(group: String, artifact: String, type: Class<*>): String {
        val properties = java.util.Properties()
        val stream = type.getResourceAsStream("/META-INF/maven/$group/$artifact/pom.properties")
        stream?.use { properties.load(it) }
        val jar = type.protectionDomain.codeSource?.location?.path.orEmpty()
        return properties.getProperty("version")
            ?: Regex("""-(\d[^/]*)\.jar$""").find(jar)?.groupValues?.get(1)
            ?: "unknown"
    }
}
