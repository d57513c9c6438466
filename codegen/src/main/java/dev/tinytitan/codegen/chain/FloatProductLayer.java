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
  ProductOutput output(VectorCode code, int vectors, int filters) {
    return new FloatOutput(code, sums.clipping(), vectors, filters);
  }

  @Override
  int filterOf(Isa isa, int vectors, int vector, int element) {
    return vector * (isa.vectorBits() / 32) + element;
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
  byte[] pack(Isa isa, int first, int vectors) {
    List<Step> steps = steps();
    int elements = vectors * isa.vectorBits() / 32;
    ByteBuffer packed =
        ByteBuffer.allocate(steps.size() * elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Step step : steps) {
      for (int element = 0; element < elements; element++) {
        int filter = first + element;
        int index = filter < filters() ? weightIndex(filter, step, 0) : -1;
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
