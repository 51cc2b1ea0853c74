package holonomy.dsl

import holonomy.data.UserError

/** A mistake on the command line that is found while a script is read: no line of the script is to blame. */
class OptionError(message: String) : UserError(message)
