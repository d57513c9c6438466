package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lets operators that only move elements, or pick some of them by their order, work on integers: a
 * DequantizeLinear before one goes behind it, a QuantizeLinear after one goes before it. With one
 * scale for the whole tensor that changes no result, and brings Q and DQ next to the operators that
 * compute, where {@link RecognizeIntegerOperators} looks for them.
 */
public record MoveQuantization() implements Pass.OfNodes {
  /**
   * Operators that move elements of their first input, whatever their attributes. By name: a switch
   * over their classes would load them all.
   */
  private static final Set<String> MOVES =
      Set.of(
          "DepthToSpace",
          "Expand",
          "Flatten",
          "Gather",
          "GlobalMaxPool",
          "Identity",
          "Reshape",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "Tile",
          "Transpose",
          "Unsqueeze");

  @Override
  public String name() {
    return "move-quantization";
  }

  @Override
  public String description() {
    return "Lets operators that only move elements work on integers.";
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (node.operator() instanceof QuantizeLinear) {
      return quantizeEarlier(scope, node);
    }
    return moves(scope, node) ? dequantizeLater(scope, node) : Optional.empty();
  }

  /** True if the results of a node are elements of its first input, whatever these stand for. */
  private static boolean moves(Scope scope, Node node) {
    Operator operator = node.operator();
    String name = operator.spec().name();
    return switch (name) {
      case "MaxPool" -> node.outputs().size() == 1;
      case "Resize" ->
          operator instanceof Resize resize
              && resize.mode() == Resize.Mode.NEAREST
              && resize.coordinates() != Resize.Coordinates.TF_CROP_AND_RESIZE;
      // The padding is an element too; zero is on every grid.
      case "Pad" ->
          operator instanceof Pad pad
              && (pad.mode() != Pad.Mode.CONSTANT
                  || !node.hasInput(2)
                  || scope.isScalar(node.input(2), 0));
      default -> MOVES.contains(name);
    };
  }

  private static Optional<GraphPatch> dequantizeLater(Scope scope, Node node) {
    Node dequantize = scope.producer(node.input(0), DequantizeLinear.class).orElse(null);
    if (dequantize == null) {
      return Optional.empty();
    }
    QuantizationGrid grid = QuantizationGrid.ofInput(scope, dequantize).orElse(null);
    if (grid == null) {
      return node.operator() instanceof Transpose
          ? transposeChannels(scope, node, dequantize)
          : Optional.empty();
    }
    GraphPatch.Builder patch = GraphPatch.builder().remove(node);
    List<String> outputs = new ArrayList<>();
    List<Node> after = new ArrayList<>();
    for (String output : node.outputs()) {
      String narrow = output.isEmpty() ? "" : scope.fresh(output + "_quantized");
      outputs.add(narrow);
      if (!output.isEmpty()) {
        List<String> inputs = new ArrayList<>(dequantize.inputs());
        inputs.set(0, narrow);
        after.add(
            Node.of(
                scope.fresh(output + "_dequantize"),
                dequantize.operator(),
                inputs,
                List.of(output)));
      }
    }
    patch.add(
        onIntegers(scope, node, grid, patch)
            .withInput(0, dequantize.input(0))
            .withOutputs(outputs));
    for (Node each : after) {
      patch.add(each);
    }
    return Optional.of(patch.build());
  }

  /** A transpose of weights that have a scale for each channel: the channels' axis turns, too. */
  private static Optional<GraphPatch> transposeChannels(Scope scope, Node node, Node dequantize) {
    List<Integer> perm = RemoveTransposes.perm(scope, node);
    DequantizeLinear operator = (DequantizeLinear) dequantize.operator();
    boolean vector =
        scope.constant(dequantize.input(1)).filter(s -> s.shape().rank() == 1).isPresent();
    if (perm == null || !vector || operator.blockSize() != 0) {
      return Optional.empty();
    }
    int axis = operator.axis() < 0 ? operator.axis() + perm.size() : operator.axis();
    if (axis < 0 || axis >= perm.size()) {
      return Optional.empty();
    }
    String narrow = scope.fresh(node.output() + "_quantized");
    DequantizeLinear turned = new DequantizeLinear(perm.indexOf(axis), 0, operator.outputDType());
    return Optional.of(
        GraphPatch.builder()
            .remove(node)
            .add(node.withInput(0, dequantize.input(0)).withOutputs(List.of(narrow)))
            .add(
                Node.of(
                    scope.fresh(node.output() + "_dequantize"),
                    turned,
                    dequantize.withInput(0, narrow).inputs(),
                    node.outputs()))
            .build());
  }

  private static Optional<GraphPatch> quantizeEarlier(Scope scope, Node quantize) {
    Node node = scope.graph().producer(quantize.input(0)).orElse(null);
    QuantizationGrid grid = QuantizationGrid.ofOutput(scope, quantize).orElse(null);
    if (node == null
        || grid == null
        || node.outputs().size() != 1
        || !moves(scope, node)
        || !scope.isReadOnce(node.output())
        || scope.producer(node.input(0), DequantizeLinear.class).isPresent()
        || scope.graph().producer(node.input(0)).isEmpty()) {
      return Optional.empty();
    }
    String narrow = scope.fresh(node.input(0) + "_quantized");
    GraphPatch.Builder patch = GraphPatch.builder().remove(node).remove(quantize);
    patch.add(quantize.withInput(0, node.input(0)).withOutputs(List.of(narrow)));
    patch.add(
        onIntegers(scope, node, grid, patch).withInput(0, narrow).withOutputs(quantize.outputs()));
    return Optional.of(patch.build());
  }

  /** The same movement for elements of the grid: padding with zero is padding with its step. */
  private static Node onIntegers(
      Scope scope, Node node, QuantizationGrid grid, GraphPatch.Builder patch) {
    if (!node.operator().spec().name().equals("Pad")
        || !(node.operator() instanceof Pad pad)
        || pad.mode() != Pad.Mode.CONSTANT) {
      return node;
    }
    Tensor zero = Tensor.zeros(grid.dtype(), Shape.scalar());
    zero.setLong(0, grid.zeroPoint());
    String name = scope.fresh(node.output() + "_padding");
    patch.initializer(name, zero);
    return node.withInput(2, name);
  }
}
