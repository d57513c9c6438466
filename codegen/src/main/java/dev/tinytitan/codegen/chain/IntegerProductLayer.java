package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.DotProduct;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import java.util.List;

/** A {@link ProductLayer} of bytes with exact sums that are requantized. */
final class IntegerProductLayer extends ProductLayer {
  private final IntegerSums sums;

  /**
   * @param sums weights as {@code [filter][channel of the group][kernel row][kernel column]}
   * @param groups into how many groups channels and filters are divided
   */
  IntegerProductLayer(
      String name, Buffer input, Buffer output, Window window, IntegerSums sums, int groups) {
    super(name, input, output, window, sums.filters(), groups);
    this.sums = sums;
  }

  @Override
  Layer with(Buffer newInput, Buffer newOutput) {
    return new IntegerProductLayer(name(), newInput, newOutput, window(), sums, groups());
  }

  @Override
  ProductArithmetic arithmetic(VectorCode code) {
    return new DotProduct(code);
  }

  @Override
  ProductOutput output(VectorCode code, FilterLayout layout, int filters) {
    return new OutputTile(code, sums.requantization(), layout, filters);
  }

  @Override
  FilterLayout layout(Isa isa, int vectors, int parts) {
    return new FilterLayout(isa, vectors, parts, true);
  }

  @Override
  boolean takesParts() {
    return true;
  }

  @Override
  int constants() {
    return sums.constants();
  }

  @Override
  int constant(int index, int filter) {
    return sums.constant(index, filter);
  }

  @Override
  byte[] pack(FilterLayout layout, int first) {
    Isa isa = layout.isa();
    int parts = layout.parts();
    List<Step> steps = steps(parts);
    int weightBytes = DotProduct.weightBytes(isa);
    byte[] packed = new byte[steps.size() / parts * layout.vectors() * weightBytes];
    for (int vector = 0; vector < layout.vectors(); vector++) {
      for (int element = 0; element < layout.elements(); element++) {
        int filter = first + layout.filterOfSum(vector, element);
        if (filter >= filters()) {
          continue;
        }
        for (int step = 0; step < steps.size(); step += parts) {
          Step part = steps.get(step + layout.partOf(element));
          int at = (step / parts * layout.vectors() + vector) * weightBytes;
          for (int position = 0; position < 4; position++) {
            int index = weightIndex(filter, part, position);
            int weight = index < 0 ? 0 : sums.weights()[index];
            DotProduct.put(isa, packed, at, element, position, weight);
          }
        }
      }
    }
    return packed;
  }

  @Override
  PlaneOutput planeOutput(VectorCode code) {
    return new IntegerPlaneOutput(code, sums.requantization(), sums.isUniform());
  }

  @Override
  int stepWeights(int filter, Step step) {
    int weights = 0;
    for (int position = 0; position < Integer.BYTES; position++) {
      int index = weightIndex(filter, step, position);
      int weight = index < 0 ? 0 : sums.weights()[index];
      weights |= (weight & 0xFF) << (8 * position);
    }
    return weights;
  }
}
