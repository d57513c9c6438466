package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What RNN, GRU and LSTM share: the loops over directions, batch and steps, the layouts, the shape
 * rule. Each gives its cell.
 *
 * <p>Inputs: x {@code [sequence, batch, input]}; w {@code [directions, gates * hidden, input]}; r
 * {@code [directions, gates * hidden, hidden]}; optionally b {@code [directions, 2 * gates *
 * hidden]} (w's biases, then r's); optionally the sequences' lengths, int32 {@code [batch]};
 * optionally the initial state {@code [directions, batch, hidden]}. Outputs: y {@code [sequence,
 * directions, batch, hidden]}, zeros beyond a sequence's length, and the last state {@code
 * [directions, batch, hidden]}. With {@link Recurrence#batchFirst} the batch is the outermost
 * dimension of x, y and the states.
 */
public interface RecurrentOperator extends Operator {

  /** The attributes. */
  Recurrence recurrence();

  /** How many blocks of hidden-size rows the weights have. */
  int gates();

  /** True if there is a cell state (input 6, output 2) beside the hidden one. */
  default boolean hasCellState() {
    return false;
  }

  /** One step of one direction. */
  @FunctionalInterface
  interface Cell {
    /**
     * Advances the state.
     *
     * @param gates the weighted input with w's biases, gate after gate; may be overwritten
     * @param h the hidden state, to be replaced
     * @param c the cell state, to be replaced
     */
    void step(double[] gates, double[] h, double[] c);
  }

  /** The cell of a direction. */
  Cell cell(EvalContext context, RecurrentWeights weights, int direction);

  @Override
  default void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(recurrence().batchFirst() ? 14 : 7);
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    TensorType r = context.input(2);
    boolean batchFirst = recurrence().batchFirst();
    boolean ranked = x.hasRank();
    if (ranked && x.rank() != 3) {
      throw new ShapeMismatchException(
          "The input of a recurrence has 3 dimensions, not " + x + ".");
    }
    Dim sequence = ranked ? x.dim(batchFirst ? 1 : 0) : Dim.UNKNOWN;
    Dim batch = ranked ? x.dim(batchFirst ? 0 : 1) : Dim.UNKNOWN;
    Dim directions = Dim.of(recurrence().direction().count());
    Dim hidden = r.hasRank() && r.rank() == 3 ? r.dim(2) : Dim.UNKNOWN;
    if (!hidden.isFixed() && recurrence().hiddenSize() > 0) {
      hidden = Dim.of(recurrence().hiddenSize());
    }
    List<Dim> y =
        batchFirst
            ? List.of(batch, sequence, directions, hidden)
            : List.of(sequence, directions, batch, hidden);
    List<Dim> state =
        batchFirst ? List.of(batch, directions, hidden) : List.of(directions, batch, hidden);
    List<TensorType> types = new ArrayList<>();
    types.add(x.withDims(y));
    types.add(x.withDims(state));
    if (hasCellState()) {
      types.add(x.withDims(state));
    }
    return types;
  }

  @Override
  default void eval(EvalContext context) {
    Tensor x = context.input(0);
    boolean batchFirst = recurrence().batchFirst();
    int directions = recurrence().direction().count();
    if (x.shape().rank() != 3) {
      throw new ShapeMismatchException(
          "The input of a recurrence has 3 dimensions, not " + x.shape() + ".");
    }
    int sequence = x.shape().dim(batchFirst ? 1 : 0);
    int batch = x.shape().dim(batchFirst ? 0 : 1);
    int hidden = context.input(2).shape().dim(-1);
    int inputSize = x.shape().dim(2);
    double[] values = x.toDoubleArray();
    Shape stateShape =
        batchFirst ? Shape.of(batch, directions, hidden) : Shape.of(directions, batch, hidden);
    double[] y = new double[Math.multiplyExact(stateShape.size(), sequence)];
    double[] h = state(context, 5, stateShape);
    double[] c = state(context, 6, stateShape);
    int[] lengths = context.hasInput(4) ? context.input(4).toIntArray() : null;
    for (int direction = 0; direction < directions; direction++) {
      RecurrentWeights weights =
          RecurrentWeights.of(context, direction, directions, gates(), inputSize, hidden);
      Cell cell = cell(context, weights, direction);
      boolean reverse = recurrence().direction().isReverse(direction);
      for (int b = 0; b < batch; b++) {
        int length = lengths == null ? sequence : Math.clamp(lengths[b], 0, sequence);
        int stateAt = (batchFirst ? b * directions + direction : direction * batch + b) * hidden;
        double[] hNow = Arrays.copyOfRange(h, stateAt, stateAt + hidden);
        double[] cNow = Arrays.copyOfRange(c, stateAt, stateAt + hidden);
        for (int step = 0; step < length; step++) {
          int t = reverse ? length - 1 - step : step;
          int xAt = (batchFirst ? b * sequence + t : t * batch + b) * inputSize;
          cell.step(weights.weighInput(values, xAt), hNow, cNow);
          int yAt =
              batchFirst
                  ? (b * sequence + t) * directions + direction
                  : (t * directions + direction) * batch + b;
          System.arraycopy(hNow, 0, y, yAt * hidden, hidden);
        }
        System.arraycopy(hNow, 0, h, stateAt, hidden);
        System.arraycopy(cNow, 0, c, stateAt, hidden);
      }
    }
    Shape yShape =
        batchFirst
            ? Shape.of(batch, sequence, directions, hidden)
            : Shape.of(sequence, directions, batch, hidden);
    write(context, 0, y, x, yShape);
    write(context, 1, h, x, stateShape);
    if (hasCellState()) {
      write(context, 2, c, x, stateShape);
    }
  }

  private double[] state(EvalContext context, int index, Shape shape) {
    if (!context.hasInput(index) || (index == 6 && !hasCellState())) {
      return new double[shape.size()];
    }
    Tensor state = context.input(index);
    if (!state.shape().equals(shape)) {
      throw new ShapeMismatchException(
          "An initial state of shape "
              + state.shape()
              + " is given where "
              + shape
              + " is needed.");
    }
    return state.toDoubleArray();
  }

  private static void write(
      EvalContext context, int index, double[] values, Tensor x, Shape shape) {
    if (context.wantsOutput(index)) {
      Elements.store(values, context.output(index, x.dtype(), shape));
    }
  }

  /** Multiply-adds of all steps: the weights once for each element of the batch. */
  @Override
  default Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    TensorType x = inputs.get(0);
    TensorType w = inputs.get(1);
    TensorType r = inputs.get(2);
    long bytes = Operator.bytesMoved(inputs, outputs);
    if (x == null || w == null || r == null || !x.isStatic() || !w.isStatic() || !r.isStatic()) {
      return new Cost(0, bytes);
    }
    long steps = (long) x.shape().dim(0) * x.shape().dim(1);
    return new Cost(steps * (w.shape().size() + r.shape().size()), bytes);
  }
}
