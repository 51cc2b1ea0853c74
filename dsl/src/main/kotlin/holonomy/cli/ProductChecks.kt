package holonomy.cli

import holonomy.product.ProductLibrary

/** Which library computes the matrix products here, with which kernel; and why, where it isn't OpenBLAS. */
internal fun checkProducts(): Check =
    Check.of("products", "look at the log") {
        val chosen = ProductLibrary.chosen()
        chosen
            .problem()
            .map { Check("products", Verdict.WARNING, "${chosen.label()}, at half the speed: $it", "look at OPENBLAS_CORETYPE and the log; results hold, training takes longer") }
            .orElseGet { Check("products", Verdict.OK, chosen.label()) }
    }
