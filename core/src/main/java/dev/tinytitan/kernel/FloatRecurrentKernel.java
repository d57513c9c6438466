package dev.tinytitan.kernel;

import dev.tinytitan.op.GRU;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentActivation;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * RNN, GRU and LSTM of one shape: the inputs of all steps are weighed in one product, then each
 * step weighs the state of the whole batch in another.
 */
final class FloatRecurrentKernel implements Kernel {
  private static final int W = 1;
  private static final int R = 2;
  private static final int B = 3;
  private static final int LENGTHS = 4;
  private static final int STATE = 5;
  private static final int CELL = 6;
  private static final int PEEPHOLES = 7;

  private final VectorOperations operations;
  private final RecurrentOperator operator;
  private final Recurrence recurrence;
  private final int sequence;
  private final int batch;
  private final int inputSize;
  private final int hidden;
  private final int columns;
  private final PanelLayout inputLayout;
  private final PanelLayout stateLayout;
  private final GatheredRows inputRows;
  private final GatheredRows stateRows;
  private final Finish none;
  private final Direction[] directions;

  /** The weights and functions of one direction. */
  // Never compared; arrays so that loops read them without a call.
  @SuppressWarnings("ArrayRecordComponent")
  private record Direction(
      float[] inputWeights,
      float[] inputBias,
      float[] stateWeights,
      float[] stateBias,
      ElementFunction[] functions,
      boolean reverse) {}

  FloatRecurrentKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations;
    this.operator = request.operator(RecurrentOperator.class);
    this.recurrence = operator.recurrence();
    this.sequence = request.inputShape(0).dim(recurrence.batchFirst() ? 1 : 0);
    this.batch = request.inputShape(0).dim(recurrence.batchFirst() ? 0 : 1);
    this.inputSize = request.inputShape(0).dim(2);
    this.hidden = request.inputShape(R).dim(2);
    this.columns = operator.gates() * hidden;
    MatrixOperations matrices = operations.matrices();
    this.inputLayout = matrices.layout(inputSize, columns);
    this.stateLayout = matrices.layout(hidden, columns);
    this.none = Finish.none(inputLayout.paddedColumns());
    this.inputRows = GatheredRows.of(sequence * batch, inputSize, inputSize);
    this.stateRows = GatheredRows.of(batch, hidden, hidden);
    this.directions = new Direction[recurrence.direction().count()];
    for (int i = 0; i < directions.length; i++) {
      directions[i] = direction(request, i);
    }
  }

  private Direction direction(KernelRequest request, int index) {
    int functions = recurrence.activations().size() / directions.length;
    ElementFunction[] own = new ElementFunction[functions];
    for (int i = 0; i < functions; i++) {
      own[i] = function(recurrence.activation(index, i)).orElseThrow();
    }
    float[] bias =
        request.hasInput(B)
            ? request.constant(B).toFloatArray()
            : new float[2 * columns * directions.length];
    return new Direction(
        packed(request, W, index, inputLayout),
        inputLayout.padded(bias, 2 * columns * index),
        packed(request, R, index, stateLayout),
        stateLayout.padded(bias, 2 * columns * index + columns),
        own,
        recurrence.direction().isReverse(index));
  }

  private static float[] packed(
      KernelRequest request, int input, int direction, PanelLayout layout) {
    return request
        .packed()
        .get(
            request.constant(input),
            "recurrent panels " + layout.panelWidth() + " direction " + direction,
            float[].class,
            () -> {
              float[] values = request.constant(input).toFloatArray();
              float[] panels = new float[layout.size()];
              int from = direction * layout.depth() * layout.columns();
              layout.pack(values, from, 1, layout.depth(), 1, panels, 0);
              return panels;
            });
  }

  private static Optional<ElementFunction> function(RecurrentActivation activation) {
    UnaryOperator operator =
        switch (activation.kind()) {
          case SIGMOID -> new Sigmoid();
          case TANH -> new Tanh();
          case RELU -> new Relu();
          case HARD_SIGMOID -> new HardSigmoid(activation.alpha(), activation.beta());
          default -> null;
        };
    return operator == null ? Optional.empty() : ElementFunction.of(operator);
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    RecurrentOperator operator = request.operator(RecurrentOperator.class);
    if (!request.isConstant(W)
        || !request.isConstant(R)
        || (request.hasInput(B) && !request.isConstant(B))) {
      return Optional.of("weights or biases are not constant");
    }
    if (request.hasInput(LENGTHS) || request.hasInput(PEEPHOLES)) {
      return Optional.of("sequences of different lengths, or peepholes");
    }
    if ((operator instanceof LSTM lstm && lstm.inputForget())
        || (operator instanceof GRU gru && !gru.linearBeforeReset())) {
      return Optional.of("coupled gates, or a state that is reset before it is weighed");
    }
    if (Float.isFinite(operator.recurrence().clip())) {
      return Optional.of("what goes into the gates is clipped");
    }
    if (request.inputShape(0).size() == 0 || request.inputShape(R).size() == 0) {
      return Optional.of("nothing to compute");
    }
    return operator.recurrence().activations().stream()
        .filter(activation -> function(activation).isEmpty())
        .findFirst()
        .map(activation -> "no loop for " + activation.kind().onnxName());
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    double steps = (double) request.inputShape(0).dim(0) * request.inputShape(0).dim(1);
    double weights = request.inputShape(W).size() + request.inputShape(R).size();
    return Work.ofProducts(steps * weights) + steps * Work.ofElements(weights, 0);
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || index == STATE || index == CELL;
  }

  /** The products' own, weighed inputs, weighed states, hidden and cell states, one temporary. */
  @Override
  public int scratchFloats() {
    return operations.matrices().scratchFloats()
        + (sequence + 1) * batch * columns
        + 3 * batch * hidden;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    for (int i = 0; i < directions.length; i++) {
      run(i, inputs, outputs, scratch);
    }
  }

  private void run(
      int index, @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch) {
    Direction direction = directions[index];
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] memory = scratch.floats();
    int weighed = operations.matrices().scratchFloats();
    int gates = weighed + sequence * batch * columns;
    int h = gates + batch * columns;
    int c = h + batch * hidden;
    int spare = c + batch * hidden;
    operations
        .matrices()
        .multiply(
            inputRows,
            x,
            0,
            inputLayout,
            direction.inputWeights(),
            0,
            direction.inputBias(),
            none,
            memory,
            weighed,
            columns,
            0,
            sequence * batch,
            0,
            inputLayout.panels(),
            scratch);
    load(inputs, STATE, index, memory, h);
    load(inputs, CELL, index, memory, c);
    for (int step = 0; step < sequence; step++) {
      int t = direction.reverse() ? sequence - 1 - step : step;
      operations
          .matrices()
          .multiply(
              stateRows,
              memory,
              h,
              stateLayout,
              direction.stateWeights(),
              0,
              direction.stateBias(),
              none,
              memory,
              gates,
              columns,
              0,
              batch,
              0,
              stateLayout.panels(),
              scratch);
      for (int b = 0; b < batch; b++) {
        int row = recurrence.batchFirst() ? b * sequence + t : t * batch + b;
        advance(
            direction.functions(),
            memory,
            weighed + row * columns,
            gates + b * columns,
            h + b * hidden,
            c + b * hidden,
            spare);
        int y =
            recurrence.batchFirst()
                ? (b * sequence + t) * directions.length + index
                : (t * directions.length + index) * batch + b;
        store(outputs, 0, memory, h + b * hidden, y);
      }
    }
    for (int b = 0; b < batch; b++) {
      store(outputs, 1, memory, h + b * hidden, state(index, b));
      store(outputs, 2, memory, c + b * hidden, state(index, b));
    }
  }

  private int state(int direction, int b) {
    return recurrence.batchFirst() ? b * directions.length + direction : direction * batch + b;
  }

  private void load(@Nullable Tensor[] inputs, int input, int direction, float[] memory, int to) {
    Tensor given = input < inputs.length ? inputs[input] : null;
    if (given == null) {
      Arrays.fill(memory, to, to + batch * hidden, 0f);
      return;
    }
    for (int b = 0; b < batch; b++) {
      int from = state(direction, b) * hidden;
      System.arraycopy(given.floatArray(), from, memory, to + b * hidden, hidden);
    }
  }

  private void store(@Nullable Tensor[] outputs, int output, float[] memory, int from, int row) {
    Tensor tensor = output < outputs.length ? outputs[output] : null;
    if (tensor != null) {
      System.arraycopy(memory, from, tensor.floatArray(), row * hidden, hidden);
    }
  }

  /** One step of one sequence. */
  private void advance(
      ElementFunction[] f, float[] m, int weighed, int gates, int h, int c, int spare) {
    ElementOperations elements = operations.elements();
    int n = hidden;
    if (operator instanceof GRU) {
      // Gates update, reset and hidden; the reset gate scales the weighed state.
      elements.combine(PairFunction.ADD, m, gates, m, weighed, m, gates, 2 * n);
      elements.map(f[0], m, gates, m, gates, 2 * n);
      elements.combine(PairFunction.MUL, m, gates + n, m, gates + 2 * n, m, spare, n);
      elements.combine(PairFunction.ADD, m, spare, m, weighed + 2 * n, m, spare, n);
      elements.map(f[1], m, spare, m, spare, n);
      elements.combine(PairFunction.SUB, m, h, m, spare, m, h, n);
      elements.combine(PairFunction.MUL, m, h, m, gates, m, h, n);
      elements.combine(PairFunction.ADD, m, h, m, spare, m, h, n);
      return;
    }
    elements.combine(PairFunction.ADD, m, gates, m, weighed, m, gates, columns);
    if (operator instanceof LSTM) {
      // Gates input, output, forget and cell.
      elements.map(f[0], m, gates, m, gates, 3 * n);
      elements.map(f[1], m, gates + 3 * n, m, gates + 3 * n, n);
      elements.combine(PairFunction.MUL, m, gates, m, gates + 3 * n, m, spare, n);
      elements.combine(PairFunction.MUL, m, c, m, gates + 2 * n, m, c, n);
      elements.combine(PairFunction.ADD, m, c, m, spare, m, c, n);
      elements.map(f[2], m, c, m, h, n);
      elements.combine(PairFunction.MUL, m, h, m, gates + n, m, h, n);
    } else {
      elements.map(f[0], m, gates, m, h, n);
    }
  }
}
