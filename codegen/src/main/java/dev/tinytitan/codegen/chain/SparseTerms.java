package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
      Comparator.comparingInt(Term::plane)
          .thenComparingInt(Term::shift)
          .thenComparingInt(Term::shiftInRegister);

  /**
   * One product, for all places.
   *
   * @param plane of the input
   * @param shift of places within the plane, in memory
   * @param shiftInRegister of places, once they are loaded
   * @param weight four 8-bit integers, two 16-bit ones, or a float
   */
  record Term(int plane, int shift, int shiftInRegister, int weight) {
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
          terms.add(new Term(plane, shift, grid.shiftInRegister(tap), weights));
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
      terms.add(new Term(plane, shift, 0, words));
    }
  }

  /**
   * What the terms of some filters need before they can be multiplied.
   *
   * @param loads places of planes that they read, each counted once
   * @param shifts of these, in registers, each counted once
   */
  record Needs(int loads, int shifts) {
    static Needs of(List<List<Term>> filters) {
      Set<Term> loads = new HashSet<>();
      Set<Term> shifts = new HashSet<>();
      for (List<Term> filter : filters) {
        for (Term term : filter) {
          loads.add(new Term(term.plane(), term.shift(), 0, 0));
          if (term.shiftInRegister() != 0) {
            shifts.add(new Term(term.plane(), term.shift(), term.shiftInRegister(), 0));
          }
        }
      }
      return new Needs(loads.size(), shifts.size());
    }
  }

  /** Planes of one phase. */
  int planes(PlaneGrid grid) {
    return grid.groups() * halves;
  }
}
