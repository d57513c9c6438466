package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import java.util.ArrayList;
import java.util.List;

/**
 * How the filters of a {@link ProductLayer} are cut into blocks whose sums fit into registers, and
 * into how many parts each sum, whichever is estimated to be the fastest.
 *
 * <p>In two parts, a filter has two elements of a vector, and twice as much input is broadcast in a
 * step: 8 filters fill a vector of 16, and less is broadcast; in the end the parts are added up.
 */
final class ProductTiling {
  // Estimates, as multiples of an instruction that multiplies and adds; fitted to measured layers.

  /** A load: two fit into a cycle, beside two products, but not quite. */
  private static final double LOAD = 0.35;

  /** Bringing a vector of exact sums to memory, which are requantized. */
  private static final double REQUANTIZED = 6;

  /** The same for floats. */
  private static final double STORED = 2;

  /** Adding up the parts in a vector, beside bringing it to memory with its neighbour. */
  private static final double ADDED_UP = 0.3;

  /** Two parts are taken if they are estimated below this part of one. */
  private static final double WORTH_PARTS = 0.97;

  /** Instructions of a dot product of bytes where it is not one. */
  private static final int INSTRUCTIONS = 4;

  private final ProductLayer layer;
  private final Isa isa;
  private final ProductArithmetic arithmetic;
  private final int parts;
  private final List<ProductLayer.Run> runs;
  private final int steps;
  private final int vectors;
  private final double cost;

  /** Equal blocks of filters, one after the other. */
  record Blocks(int first, int count, FilterLayout layout, int filters) {}

  /** Cuts a layer. */
  static ProductTiling of(ProductLayer layer, Isa isa, ProductArithmetic arithmetic) {
    ProductTiling one = new ProductTiling(layer, isa, arithmetic, 1);
    // A single place waits for its weights, whatever is done with them.
    if (one.fullTile(1) == 1 || !layer.takesParts()) {
      return one;
    }
    ProductTiling two = new ProductTiling(layer, isa, arithmetic, 2);
    return two.cost < WORTH_PARTS * one.cost ? two : one;
  }

  private ProductTiling(ProductLayer layer, Isa isa, ProductArithmetic arithmetic, int parts) {
    this.layer = layer;
    this.isa = isa;
    this.arithmetic = arithmetic;
    this.parts = parts;
    this.runs = layer.runs(parts);
    int all = 0;
    for (ProductLayer.Run run : runs) {
      all += run.steps();
    }
    this.steps = all;
    int needed = neededVectors();
    int most = isa.vectorBits() == 512 ? 5 : arithmetic.isSingle() ? 3 : 4;
    int best = 1;
    double bestCost = Double.POSITIVE_INFINITY;
    for (int candidate = 1; candidate <= Math.min(most, needed); candidate++) {
      int count = Math.ceilDiv(needed, candidate);
      // A dot product for each vector, a load for each place, and the weights once for each tile.
      double tile = fullTile(candidate);
      double step = needed + count * (LOAD + LOAD * candidate / tile);
      if (step < bestCost) {
        best = candidate;
        bestCost = step;
      }
    }
    this.vectors = best;
    double result = (arithmetic.isExact() ? REQUANTIZED : STORED) + (parts > 1 ? ADDED_UP : 0);
    this.cost = steps * bestCost + needed * result / (arithmetic.isSingle() ? 1 : INSTRUCTIONS);
  }

  private int neededVectors() {
    return Math.ceilDiv(layer.filters() * parts, isa.vectorBits() / 32);
  }

  /** The parts of each sum. */
  int parts() {
    return parts;
  }

  /** What lies under a window: steps of 4 bytes for each part. */
  List<ProductLayer.Run> runs() {
    return runs;
  }

  /** The steps of all runs. */
  int steps() {
    return steps;
  }

  /** Registers for what is broadcast: two in turn if there is nothing else to do with it. */
  int inputRegisters() {
    return arithmetic.isSingle() ? 2 : 1 + arithmetic.spares();
  }

  /** How many places a tile has at most. */
  int mostPlaces(int ofVectors) {
    int inRegisters = arithmetic.isSingle() ? ofVectors : 0;
    return Math.max(1, (isa.vectorRegisters() - inRegisters - inputRegisters()) / ofVectors);
  }

  /** Places of the tiles that are not at an end. */
  int fullTile(int ofVectors) {
    Places places = layer.places();
    return Math.min(mostPlaces(ofVectors), places.rows() * places.columns());
  }

  /** The blocks in order. */
  List<Blocks> blocks() {
    int needed = neededVectors();
    int count = Math.ceilDiv(needed, vectors);
    List<Blocks> blocks = new ArrayList<>();
    int first = 0;
    for (int block = 0; block < count; block++) {
      int inBlock = (needed * (block + 1)) / count - (needed * block) / count;
      FilterLayout layout = layer.layout(isa, inBlock, parts);
      int filters = Math.min(layout.filters(), layer.filters() - first);
      Blocks last = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
      if (last != null && last.layout().vectors() == inBlock && last.filters() == filters) {
        blocks.set(blocks.size() - 1, new Blocks(last.first(), last.count() + 1, layout, filters));
      } else {
        blocks.add(new Blocks(first, 1, layout, filters));
      }
      first += layout.filters();
    }
    return blocks;
  }
}
