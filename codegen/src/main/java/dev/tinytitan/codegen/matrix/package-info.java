/**
 * Products of rows with constant matrices, as kernels of single nodes: the work of transformers.
 */
@NullMarked
package dev.tinytitan.codegen.matrix;

import org.jspecify.annotations.NullMarked;
