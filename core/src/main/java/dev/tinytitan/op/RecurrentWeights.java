package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;

/** The weights of one direction of a recurrent operator. */
public final class RecurrentWeights {
  private final int gates;
  private final int inputSize;
  private final int hidden;
  private final double[] w;
  private final double[] r;
  private final double[] bias;

  private RecurrentWeights(
      int gates, int inputSize, int hidden, double[] w, double[] r, double[] bias) {
    this.gates = gates;
    this.inputSize = inputSize;
    this.hidden = hidden;
    this.w = w;
    this.r = r;
    this.bias = bias;
  }

  /**
   * Reads inputs 1 to 3.
   *
   * @throws ShapeMismatchException if a shape is not what the sizes ask for
   */
  static RecurrentWeights of(
      EvalContext context, int direction, int directions, int gates, int inputSize, int hidden) {
    int rows = gates * hidden;
    return new RecurrentWeights(
        gates,
        inputSize,
        hidden,
        slice(context, 1, direction, Shape.of(directions, rows, inputSize)),
        slice(context, 2, direction, Shape.of(directions, rows, hidden)),
        slice(context, 3, direction, Shape.of(directions, 2 * rows)));
  }

  /** A direction's part of an input of a known shape; zeros where the input is left out. */
  static double[] slice(EvalContext context, int index, int direction, Shape shape) {
    int size = shape.sizeBetween(1, shape.rank());
    if (!context.hasInput(index)) {
      return new double[size];
    }
    Tensor tensor = context.input(index);
    if (!tensor.shape().equals(shape)) {
      throw new ShapeMismatchException(
          "Input " + index + " is of shape " + tensor.shape() + " where " + shape + " is needed.");
    }
    return Arrays.copyOfRange(tensor.toDoubleArray(), direction * size, (direction + 1) * size);
  }

  /** Elements of the state. */
  public int hidden() {
    return hidden;
  }

  /** For every row of all gates: w times x (from {@code start} on) plus w's bias. */
  public double[] weighInput(double[] x, int start) {
    double[] result = new double[gates * hidden];
    for (int row = 0; row < result.length; row++) {
      double sum = bias[row];
      for (int i = 0; i < inputSize; i++) {
        sum += w[row * inputSize + i] * x[start + i];
      }
      result[row] = sum;
    }
    return result;
  }

  /** Row {@code i} of a gate: r times the state plus r's bias. */
  public double weighState(int gate, int i, double[] state) {
    int row = gate * hidden + i;
    double sum = bias[gates * hidden + row];
    for (int j = 0; j < hidden; j++) {
      sum += r[row * hidden + j] * state[j];
    }
    return sum;
  }
}
