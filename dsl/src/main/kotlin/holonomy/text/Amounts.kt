package holonomy.text

import java.util.Locale
import kotlin.math.roundToInt

/** Bytes as `812 B`, `3.4 kB`, `1.2 GB`; powers of 1000. */
fun size(bytes: Long): String {
    var value = bytes.toDouble()
    var unit = 0
    while (value >= 999.5 && unit < UNITS.lastIndex) {
        value /= 1000
        unit++
    }
    return if (unit == 0) "$bytes B" else "%.${if (value < 9.95) 1 else 0}f %s".format(Locale.ROOT, value, UNITS[unit])
}

private val UNITS = listOf("B", "kB", "MB", "GB", "TB")

/** A time span as `12 s`, `5 min`, `3 h`, `2 d`. */
fun age(seconds: Long): String =
    when {
        seconds < 100 -> "${maxOf(0, seconds)} s"
        seconds < 100 * 60 -> "${seconds / 60} min"
        seconds < 48 * 3600 -> "${seconds / 3600} h"
        else -> "${seconds / 86400} d"
    }

/** Seconds as `9s`, `2:05` or `1:02:05`. */
fun duration(seconds: Double): String {
    val s = seconds.roundToInt()
    return when {
        s < 60 -> "${s}s"
        s < 3600 -> "%d:%02d".format(Locale.ROOT, s / 60, s % 60)
        else -> "%d:%02d:%02d".format(Locale.ROOT, s / 3600, s / 60 % 60, s % 60)
    }
}
