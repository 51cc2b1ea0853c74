package holonomy.study.markers

import holonomy.study.grokking.modulus
import holonomy.task.Operation
import holonomy.task.Operations

/** a + b modulo C. */
fun sumModulo(classes: Int): Operation = Operation.sum(classes)

/** a * b modulo C; with composite C some labels are likelier: see the majority class. */
fun productModulo(classes: Int): Operation = Operation.product(classes)

/** The product of the numbers prime to C only: every label equally likely. */
fun productOfUnits(modulus: Int): Operation = Operations.unitProduct(modulus)

/** A modulus that must be a prime. */
fun prime(number: Int): Int = Operations.prime(number)
