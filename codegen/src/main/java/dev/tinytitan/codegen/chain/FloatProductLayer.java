package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.FloatArithmetic;
import dev.tinytitan.codegen.emit.FloatSums;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A {@link ProductLayer} of floats. */
final class FloatProductLayer extends ProductLayer {
  private final FloatSums sums;

  /**
   * @param sums weights as {@code [filter][channel of the group][kernel row][kernel column]}
   * @param groups into how many groups channels and filters are divided
   */
  FloatProductLayer(
      String name, Buffer input, Buffer output, Window window, FloatSums sums, int groups) {
    super(name, input, output, window, sums.biases().length, groups);
    this.sums = sums;
  }

  @Override
  Layer with(Buffer newInput, Buffer newOutput) {
    return new FloatProductLayer(name(), newInput, newOutput, window(), sums, groups());
  }

  @Override
  ProductArithmetic arithmetic(VectorCode code) {
    return new FloatArithmetic(code);
  }

  @Override
  ProductOutput output(VectorCode code, FilterLayout layout, int filters) {
    return new FloatOutput(code, sums.clipping(), layout, filters);
  }

  @Override
  FilterLayout layout(Isa isa, int vectors, int parts) {
    return new FilterLayout(isa, vectors, parts, false);
  }

  /** What follows a run may be no number, and so may be its product with a weight 0. */
  @Override
  boolean takesParts() {
    for (Run run : runs(1)) {
      if (run.steps() % 2 > 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  int constants() {
    return 1;
  }

  @Override
  int constant(int index, int filter) {
    return Float.floatToRawIntBits(sums.biases()[filter]);
  }

  @Override
  byte[] pack(FilterLayout layout, int first) {
    List<Step> steps = steps(layout.parts());
    int elements = layout.elements();
    ByteBuffer packed =
        ByteBuffer.allocate(steps.size() * layout.filters() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int step = 0; step < steps.size(); step += layout.parts()) {
      for (int i = 0; i < layout.vectors() * elements; i++) {
        int element = i % elements;
        int filter = first + layout.filterOfSum(i / elements, element);
        Step part = steps.get(step + layout.partOf(element));
        int index = filter < filters() ? weightIndex(filter, part, 0) : -1;
        packed.putFloat(index < 0 ? 0 : sums.weights()[index]);
      }
    }
    return packed.array();
  }

  @Override
  PlaneOutput planeOutput(VectorCode code) {
    return new FloatPlaneOutput(code, sums.clipping());
  }

  @Override
  int stepWeights(int filter, Step step) {
    int index = weightIndex(filter, step, 0);
    return index < 0 ? 0 : Float.floatToRawIntBits(sums.weights()[index]);
  }
}
