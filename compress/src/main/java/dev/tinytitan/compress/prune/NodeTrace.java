package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One node as the rules see it: the ids of its inputs' axes, and those that it gives to its
 * outputs. What a rule does not touch stays fixed.
 */
final class NodeTrace {
  private final ChannelTrace trace;
  private final Node node;
  private final Set<Integer> touched = new HashSet<>();

  NodeTrace(ChannelTrace trace, Node node) {
    this.trace = trace;
    this.node = node;
  }

  Node node() {
    return node;
  }

  ChannelIds ids() {
    return trace.ids();
  }

  boolean has(int input) {
    return node.hasInput(input);
  }

  Shape shape(int input) {
    return trace.shape(node.input(input));
  }

  DType dtype(int input) {
    return trace.concrete().type(node.input(input)).orElseThrow().dtype();
  }

  int rank(int input) {
    return shape(input).rank();
  }

  Shape outShape(int output) {
    return trace.shape(node.output(output));
  }

  /** An axis of an input, which the rule takes care of; a negative one counts from the end. */
  int[] in(int input, int axis) {
    touched.add(input);
    int[][] axes = trace.axes(node.input(input));
    return axes[axis < 0 ? axis + axes.length : axis];
  }

  /** The rule takes care of an input by itself. */
  void touch(int input) {
    touched.add(input);
  }

  /** True if a place of the input holds zeros wherever its class is masked. */
  boolean isZero(int input, int axis) {
    boolean[] zero = trace.zero(node.input(input));
    return zero[axis < 0 ? axis + zero.length : axis];
  }

  /** True if input is derived from constants alone. */
  boolean isConstant(int input) {
    return trace.concrete().isConstant(node.input(input));
  }

  Optional<Tensor> constant(int input) {
    return has(input) ? trace.concrete().constant(node.input(input)) : Optional.empty();
  }

  /** A value that follows from constants and from shapes. */
  Optional<Tensor> known(int input) {
    return has(input) ? trace.concrete().known(node.input(input)) : Optional.empty();
  }

  /** Gives the ids of an output. */
  void out(int output, int[][] axes, boolean[] zero) {
    if (!node.output(output).isEmpty()) {
      trace.define(node.output(output), axes, zero);
    }
  }

  /** Gives an output the axes of an input, with what is said of zeros. */
  void same(int output, int input, boolean keepsZero) {
    touch(input);
    boolean[] zero = trace.zero(node.input(input)).clone();
    if (!keepsZero) {
      Arrays.fill(zero, false);
    }
    out(output, trace.axes(node.input(input)), zero);
  }

  /** New places that cannot go. */
  int[] fixed(int size, String reason) {
    int[] fresh = ids().fresh(size);
    ids().fix(fresh, reason + " " + where());
    return fresh;
  }

  /** Fixes an axis. */
  void fix(int[] axis, String reason) {
    ids().fix(axis, reason + " " + where());
  }

  /** Fixes all axes of an input but one; -1 for all. */
  void fixAllBut(int input, int axis, String reason) {
    for (int i = 0; i < rank(input); i++) {
      if (i != axis) {
        fix(in(input, i), reason);
      }
    }
  }

  /** Fixes an input's axes from one on. */
  void fixFrom(int input, int axis, String reason) {
    for (int i = axis; i < rank(input); i++) {
      fix(in(input, i), reason);
    }
  }

  /** Notes that an axis numbers independent products, as the heads of attention do. */
  void markBatched(int[] axis) {
    trace.markBatched(axis);
  }

  /**
   * Notes that the node has weights; see {@link ChannelTrace.Layer}.
   *
   * @param data which input is weighed
   * @param weights which input weighs it
   */
  void layer(int[] outputs, int[] inputs, int data, int weights, int weightAxis) {
    int axis = weightAxis < 0 ? weightAxis + rank(weights) : weightAxis;
    trace.layer(
        new ChannelTrace.Layer(node, outputs, inputs, node.input(data), node.input(weights), axis));
  }

  /** Which axis of several that are reshaped into one, or made of one, its classes lie on. */
  int carrier(int[][] candidates) {
    return trace.carrier(node, candidates);
  }

  /** For messages. */
  String where() {
    return "by " + node.operator().spec().name() + " '" + node.name() + "'";
  }

  /** Fixes what the rule did not take care of. */
  void finish() {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (has(i) && !touched.contains(i) && trace.hasShape(node.input(i))) {
        fixAllBut(i, -1, "is a parameter, read");
      }
    }
  }
}
