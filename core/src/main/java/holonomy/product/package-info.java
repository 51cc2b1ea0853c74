/**
 * Dense float32 matrix products into memory that is there already: by OpenBLAS where it is usable, by the engine elsewhere. Which one is decided once per
 * process ({@link holonomy.product.ProductLibrary}), because products of different libraries, kernels and processors round differently.
 */
@NullMarked
package holonomy.product;

import org.jspecify.annotations.NullMarked;
