package holonomy.laboratory

import holonomy.text.size
import java.nio.file.Files
import java.nio.file.Path

/** How much the published tables take, in bytes: git keeps them. */
object PublishedSize {
    /** What all of them may take. */
    const val MOST = 30_000_000L

    /** Those of one experiment, by the folder of its published figures. */
    fun of(figures: Path): Long {
        val folder = figures.resolve(PublishedSet.DATA)
        if (!Files.isDirectory(folder)) return 0
        return Files.list(folder).use { files -> files.mapToLong(Files::size).sum() }
    }

    /** What is to be said of all of them in the published folders of [all]; null where they are small enough. */
    fun complaint(all: Path): String? {
        val sizes = Files.list(all).use { folders -> folders.toList().associateWith(::of) }
        val total = sizes.values.sum()
        if (total <= MOST) return null
        val largest = sizes.maxBy { it.value }
        return "published tables: ${size(total)} in $all, more than the ${size(MOST)} that are to be kept with the figures; " +
            "the largest are those of ${largest.key.fileName}, ${size(largest.value)}"
    }
}
