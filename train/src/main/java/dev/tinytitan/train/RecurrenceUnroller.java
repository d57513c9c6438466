package dev.tinytitan.train;

import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.RNN;
import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentActivation;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes an RNN, GRU or LSTM out, step by step, in operators that can be differentiated. One
 * direction, forward, from a state of zeros, with the usual activations.
 */
final class RecurrenceUnroller {
  private static final List<RecurrentActivation.Kind> USUAL =
      List.of(
          RecurrentActivation.Kind.SIGMOID,
          RecurrentActivation.Kind.TANH,
          RecurrentActivation.Kind.TANH);

  private final NodeWriter nodes;
  private final Node node;
  private final int steps;
  private final int batch;
  private final int features;
  private final int gates;
  private final int hidden;

  private RecurrenceUnroller(NodeWriter nodes, Node node, Shape x, Shape recurrent) {
    this.nodes = nodes;
    this.node = node;
    this.steps = x.dim(0);
    this.batch = x.dim(1);
    this.features = x.dim(2);
    this.gates = recurrent.dim(1);
    this.hidden = recurrent.dim(2);
  }

  /**
   * Adds the nodes that compute what an RNN, GRU or LSTM node computes, under the same names.
   *
   * @param x the shape of its input, {@code [steps, batch, features]}
   * @param recurrent the shape of its recurrent weights, {@code [1, gates, hidden]}
   * @throws UnsupportedModelException if it is of a form that is not written out
   */
  static void unroll(Graph.Builder graph, Node node, Shape x, Shape recurrent) {
    if (!isPlain(node)) {
      throw new UnsupportedModelException(
          "Only plain recurrent layers are trained:",
          List.of(
              "node '"
                  + node.name()
                  + "' ("
                  + node.operator()
                  + ") has another direction, activation, initial state or lengths of sequences"));
    }
    NodeWriter nodes = new NodeWriter(graph, node.name() + "/unrolled/");
    new RecurrenceUnroller(nodes, node, x, recurrent).run(graph);
  }

  private static boolean isPlain(Node node) {
    RecurrentOperator operator = (RecurrentOperator) node.operator();
    Recurrence recurrence = operator.recurrence();
    List<RecurrentActivation.Kind> expected =
        operator instanceof RNN ? List.of(RecurrentActivation.Kind.TANH) : USUAL;
    boolean usual = recurrence.activations().size() <= expected.size();
    for (int i = 0; usual && i < recurrence.activations().size(); i++) {
      usual = recurrence.activations().get(i).kind() == expected.get(i);
    }
    boolean simple = !(operator instanceof LSTM lstm) || !lstm.inputForget();
    return usual
        && simple
        && recurrence.direction() == Recurrence.Direction.FORWARD
        && Float.isInfinite(recurrence.clip())
        && !recurrence.batchFirst()
        && node.inputs().stream().skip(4).allMatch(String::isEmpty);
  }

  private void run(Graph.Builder graph) {
    String rows = reshaped(node.input(0), (long) steps * batch, features);
    String weights = reshaped(node.input(1), gates, features);
    String recurrent = reshaped(node.input(2), gates, hidden);
    String biases =
        node.hasInput(3)
            ? reshaped(node.input(3), 2L * gates)
            : nodes.constant(Tensor.of(new float[2 * gates]));
    String own = slice(biases, 0, 0, gates);
    String other = slice(biases, 0, gates, 2 * gates);
    String inputs = nodes.add(new Gemm(1, 1, false, true), rows, weights, own);
    String state = nodes.constant(Tensor.of(new float[batch * hidden], batch, hidden));
    String cell = state;
    List<String> states = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      String in = slice(inputs, 0, step * batch, (step + 1) * batch);
      String back = nodes.add(new Gemm(1, 1, false, true), state, recurrent, other);
      if (node.operator() instanceof GRU gru) {
        state = gruStep(in, back, state, recurrent, other, gru.linearBeforeReset());
      } else if (node.operator() instanceof RNN) {
        state = nodes.add(new Tanh(), nodes.add(new Add(), in, back));
      } else {
        String sum = nodes.add(new Add(), in, back);
        String fresh = nodes.add(new Mul(), gate(sum, 0), nodes.add(new Tanh(), part(sum, 3)));
        cell = nodes.add(new Add(), nodes.add(new Mul(), gate(sum, 2), cell), fresh);
        state = nodes.add(new Mul(), gate(sum, 1), nodes.add(new Tanh(), cell));
      }
      states.add(state);
    }
    if (!node.output(0).isEmpty()) {
      String all = nodes.add(new Concat(0), states.toArray(String[]::new));
      give(graph, node.output(0), reshaped(all, steps, 1, batch, hidden));
    }
    if (!node.output(1).isEmpty()) {
      give(graph, node.output(1), reshaped(state, 1, batch, hidden));
    }
    if (!node.output(2).isEmpty()) {
      give(graph, node.output(2), reshaped(cell, 1, batch, hidden));
    }
  }

  /** Update, reset and hidden gate, in this order. */
  private String gruStep(
      String in, String back, String state, String recurrent, String bias, boolean linear) {
    String update = nodes.add(new Sigmoid(), nodes.add(new Add(), part(in, 0), part(back, 0)));
    String reset = nodes.add(new Sigmoid(), nodes.add(new Add(), part(in, 1), part(back, 1)));
    String past;
    if (linear) {
      past = nodes.add(new Mul(), reset, part(back, 2));
    } else {
      String weights = slice(recurrent, 0, 2 * hidden, 3 * hidden);
      String kept = nodes.add(new Mul(), reset, state);
      past =
          nodes.add(
              new Gemm(1, 1, false, true), kept, weights, slice(bias, 0, 2 * hidden, 3 * hidden));
    }
    String fresh = nodes.add(new Tanh(), nodes.add(new Add(), part(in, 2), past));
    // (1 - update) * fresh + update * state
    String off = nodes.add(new Sub(), state, fresh);
    return nodes.add(new Add(), fresh, nodes.add(new Mul(), update, off));
  }

  private String gate(String sum, int index) {
    return nodes.add(new Sigmoid(), part(sum, index));
  }

  private String part(String sum, int index) {
    return slice(sum, 1, index * hidden, (index + 1) * hidden);
  }

  private String slice(String value, int axis, int from, int to) {
    return nodes.add(new Slice(), value, nodes.longs(from), nodes.longs(to), nodes.longs(axis));
  }

  private String reshaped(String value, long... dims) {
    return nodes.add(new Reshape(false), value, nodes.longs(dims));
  }

  private static void give(Graph.Builder graph, String name, String value) {
    graph.node(new Identity(), List.of(value), name);
  }
}
