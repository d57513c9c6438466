package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.op.FakeQuantize;
import java.util.Optional;

/**
 * How the elements of a tensor lie that is quantized and back: rows, one for each index of the
 * first dimension, in any layout.
 *
 * @param rows the size of the first dimension
 * @param length elements of a row
 * @param steps 1, one for each row, or one for each element of a row
 * @param byColumn true if the elements of a row have a step each
 */
record QuantizedRows(int rows, int length, int steps, boolean byColumn) {

  static QuantizedRows of(FakeQuantize quantize, Shape x, int steps) {
    int rows = x.dim(0);
    return new QuantizedRows(
        rows, rows == 0 ? 0 : x.size() / rows, steps, steps > 1 && quantize.axis() == 1);
  }

  static Optional<String> refusal(FakeQuantize quantize, KernelRequest request, int input) {
    Shape x = request.inputShape(input);
    if (request.isConstant(input) || request.isConstant(0) || x.rank() == 0 || x.size() == 0) {
      return Optional.of("constant elements, or none");
    }
    boolean matrix = quantize.axis() == 0 || x.rank() == 2;
    return matrix || request.inputShape(input + 2).size() == 1
        ? Optional.empty()
        : Optional.of("steps along an axis that is not the first, of no matrix");
  }

  /** The number of the step of a row's elements, where they share one. */
  int stepOf(int row) {
    return steps == 1 ? 0 : row;
  }
}
