package holonomy.laboratory

import holonomy.run.RunRequest
import holonomy.store.Notice
import holonomy.store.SetAside
import java.util.concurrent.ConcurrentHashMap
import java.util.function.Consumer

/**
 * Says what the store finds damaged or unreadable while experiments are carried out, and knows which runs that costs.
 */
internal class Notices(private val display: Display) : Consumer<Notice> {
    private val aside = ConcurrentHashMap.newKeySet<String>()

    override fun accept(notice: Notice) {
        if (notice is SetAside) aside += notice.id()
        display.say(notice.message())
    }

    /** Says which of [requests] are trained again because they were damaged. */
    fun sayAgain(requests: List<RunRequest>) {
        val again = requests.filter { it.id() in aside }
        if (again.isNotEmpty())
            display.say("trained again, for they were damaged: ${again.joinToString("; ") { it.label() }}")
    }
}
