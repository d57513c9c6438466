package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is left of a product's weights when zeros are taken away: for each filter its terms, each 32
 * bits of weights that are not all zero, and the plane's place that they are multiplied with. 32
 * bits are a block of 1×4 8-bit weights along the input's channels; without a dot-product
 * instruction half of one, as two 16-bit integers; or one float.
 *
 * @param halves planes for each four bytes of input: 2 where 8-bit integers are widened
 * @param filters the terms of each filter, by plane and shift
 * @param density terms by all that there could be: from 0 to 1
 */
record SparseTerms(int halves, List<List<Term>> filters, double density) {
  private static final Comparator<Term> ORDER =
      Comparator.comparingInt(Term::plane).thenComparingInt(Term::shift);

  /**
   * One product, for all places.
   *
   * @param plane of the input
   * @param shift of places within the plane
   * @param weight four 8-bit integers, two 16-bit ones, or a float
   */
  record Term(int plane, int shift, int weight) {
    /** Whether another term reads the same. */
    boolean readsAs(Term other) {
      return plane == other.plane && shift == other.shift;
    }

    /** Where the input of the first place lies, from the first plane on. */
    int offset(int planeBytes) {
      return plane * planeBytes + 4 * shift;
    }
  }

  /** The terms of a layer, whose buffers have places. */
  static SparseTerms of(ProductLayer layer, PlaneGrid grid, Isa isa) {
    boolean widened = layer.input().dtype() != DType.FLOAT32 && !isa.hasDotProduct();
    int halves = widened ? 2 : 1;
    List<ProductLayer.Step> steps = layer.steps();
    List<List<Term>> filters = new ArrayList<>();
    long count = 0;
    for (int filter = 0; filter < layer.filters(); filter++) {
      List<Term> terms = new ArrayList<>();
      for (ProductLayer.Step step : steps) {
        int weights = layer.stepWeights(filter, step);
        if (weights == 0) {
          continue;
        }
        ProductLayer.Tap tap = layer.tap(step);
        int plane = (grid.phase(tap) * grid.groups() + tap.group()) * halves;
        int shift = grid.shift(tap);
        if (widened) {
          addHalf(terms, plane, shift, weights);
          addHalf(terms, plane + 1, shift, weights >> 8);
        } else {
          terms.add(new Term(plane, shift, weights));
        }
      }
      terms.sort(ORDER);
      count += terms.size();
      filters.add(terms);
    }
    long all = (long) layer.filters() * steps.size() * halves;
    return new SparseTerms(halves, filters, (double) count / all);
  }

  /** Of four bytes those at positions 0 and 2, as 16-bit integers. */
  private static void addHalf(List<Term> terms, int plane, int shift, int bytes) {
    int low = (byte) bytes & 0xFFFF;
    int high = (byte) (bytes >> 16);
    int words = low | high << 16;
    if (words != 0) {
      terms.add(new Term(plane, shift, words));
    }
  }

  /** Where the terms of some filters read, each place once, in order; weights mean nothing. */
  static List<Term> places(List<List<Term>> filters) {
    return filters.stream()
        .flatMap(List::stream)
        .map(term -> new Term(term.plane(), term.shift(), 0))
        .distinct()
        .sorted(ORDER)
        .toList();
  }

  /** Planes of one phase. */
  int planes(PlaneGrid grid) {
    return grid.groups() * halves;
  }
}
