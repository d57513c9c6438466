package dev.tinytitan.codegen.chain;

import org.jspecify.annotations.Nullable;

/**
 * Planes into which a sparse product writes its results.
 *
 * @param start where the first place goes, in the binding's memory
 * @param planeBytes from one plane to the next
 * @param stored which places are stored, of all that are computed; null for all of them
 */
// Never compared; lives while a chain is compiled.
@SuppressWarnings("ArrayRecordComponent")
record PlaneTarget(int start, int planeBytes, boolean @Nullable [] stored) {}
