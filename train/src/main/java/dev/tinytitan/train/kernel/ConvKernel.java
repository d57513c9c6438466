package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.op.Conv;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Convolution with weights that change from run to run. */
final class ConvKernel implements Kernel {
  private final ElementOperations elements;
  private final ConvolutionShape shape;
  private final WindowProduct product;
  private final Images images;

  ConvKernel(VectorOperations operations, KernelRequest request) {
    this.elements = operations.elements();
    this.shape = shape(request);
    this.product =
        new WindowProduct(
            operations.matrices(),
            shape.geometry(),
            shape.channels(),
            shape.filters(),
            shape.group());
    this.images = new Images(shape.batch(), shape.positions());
  }

  static ConvolutionShape shape(KernelRequest request) {
    return ConvolutionShape.of(
        request.operator(Conv.class), request.inputShape(0), request.inputShape(1));
  }

  static Optional<String> refusal(KernelRequest request) {
    return ConvolutionShape.refusal(request, request.inputShape(0), request.inputShape(1));
  }

  @Override
  public int parts(int threads) {
    return images.parts(threads, shape.nanos());
  }

  @Override
  public int scratchFloats() {
    return product.scratchFloats();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] w = Arrays32.of(inputs[1]);
    @Nullable Tensor bias = inputs.length > 2 ? inputs[2] : null;
    float[] y = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int from = images.positionFrom(part, parts);
    int to = images.positionTo(part, parts);
    if (from == to) {
      return;
    }
    for (int group = 0; group < shape.group(); group++) {
      product
          .layout()
          .pack(
              w,
              group * shape.groupFilters() * shape.filterSize(),
              1,
              shape.filterSize(),
              1,
              memory,
              product.weightsAt(group));
    }
    for (int image = images.imageFrom(part, parts); image < images.imageTo(part, parts); image++) {
      int target = image * shape.positions() * shape.filters();
      product.run(x, image * shape.area() * shape.channels(), y, target, scratch, from, to);
      if (bias != null) {
        Biases.add(elements, Arrays32.of(bias), shape.filters(), y, target, from, to);
      }
    }
  }
}
