package holonomy.cli

import holonomy.product.ProductLibrary

/** Which library computes the matrix products here, with which kernel; and why, where it isn't OpenBLAS. */
internal fun checkProducts(): Check =
    Check.of("products", "see OPENBLAS_CORETYPE and the log") { productCheck(ProductLibrary.chosen()) }

internal fun productCheck(chosen: ProductLibrary): Check =
    chosen
        .problem()
        .map {
            Check(
                "products",
                Verdict.WARNING,
                "${chosen.label()}; OpenBLAS can't be used: $it",
                "nothing is wrong with the results, but training takes longer; see OPENBLAS_CORETYPE and the log",
            )
        }
        .orElseGet { Check("products", Verdict.OK, chosen.label()) }
