/** Layer normalization, as kernels of single nodes: it stands between a transformer's products. */
@NullMarked
package dev.tinytitan.codegen.normalization;

import org.jspecify.annotations.NullMarked;
