package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.x86.Mem;

/**
 * Turns the sums of some filters, for vectors of places, into results in planes of four bytes for
 * each place.
 */
interface PlaneOutput {

  /** Filters whose results make up the four bytes of a plane: 4 of 8-bit integers, 1 of floats. */
  int filtersInPlane();

  /**
   * Writes the code.
   *
   * @param sums register of filter {@code f} and vector {@code v}: {@code f * vectors + v}; filters
   *     are a multiple of {@link #filtersInPlane}
   * @param vectors of places
   * @param factors floats for each filter, one after the other, and then the next ones, as many as
   *     the layer has constants beside what sums start with
   * @param sink where the results go
   * @param firstPlane of the first filters
   * @param spare a register that holds nothing
   * @param other one more
   */
  void emit(
      int sums,
      int filters,
      int vectors,
      Mem factors,
      PlaneSink sink,
      int firstPlane,
      int spare,
      int other);
}
