package dev.tinytitan.train.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Compares the gradients of an operator with central differences, in float64 on the references: the
 * loss is the sum of all elements of all outputs, each times a random number.
 */
final class GradientCheck {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 2e-6;

  private GradientCheck() {}

  /** Checks the gradients of all float inputs that are not listed as constant. */
  static void check(GradientCase test) {
    Graph.Builder builder = Graph.builder(test.name());
    List<String> names = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    for (int i = 0; i < test.inputs().size(); i++) {
      @Nullable Tensor input = test.inputs().get(i);
      names.add(input == null ? "" : "x" + i);
      if (input == null) {
        continue;
      }
      if (input.dtype().isFloat() && !test.constants().contains(i)) {
        builder.input("x" + i, TensorType.of(input.dtype(), input.shape()));
        wanted.add("x" + i);
        values.add(input);
      } else {
        builder.initializer("x" + i, input);
      }
    }
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < test.outputs(); i++) {
      outputs.add("y" + i);
    }
    builder.node(Node.of("node", test.operator(), names, outputs));
    check(test.name(), builder.build(), outputs, wanted, values);
  }

  /**
   * Checks the gradients of a graph's inputs.
   *
   * @param outputs the values that make up the loss
   * @param wanted the graph's inputs, in order
   * @param values their values, float64
   */
  static void check(
      String name, Graph forward, List<String> outputs, List<String> wanted, List<Tensor> values) {
    Graph graph = withLoss(forward, outputs);
    Differentiator.Result result = Differentiator.differentiate(graph, "loss", wanted);
    Graph.Builder complete = result.graph().toBuilder();
    for (String value : wanted) {
      complete.output(Value.of(result.gradients().get(value), null));
    }
    Graph backward = complete.build();
    Verifier.verify(backward);
    List<Tensor> gradients = Interpreter.run(backward, values);
    for (int i = 0; i < wanted.size(); i++) {
      compare(name, graph, values, i, gradients.get(i + 1));
    }
  }

  private static Graph withLoss(Graph graph, List<String> outputs) {
    Random random = new Random(7);
    Map<String, TensorType> types = TypeInference.infer(graph);
    Graph.Builder builder = graph.toBuilder();
    String sum = "";
    for (String output : outputs) {
      TensorType type = types.get(output);
      if (type == null || !type.dtype().isFloat()) {
        continue;
      }
      Tensor factors = GradientCases.uniform(random, -1, 1, type.shape().toArray());
      builder.initializer("r" + output, factors);
      builder.node(new Mul(), List.of(output, "r" + output), "weighted" + output);
      builder.node(new ReduceSum(false, false), List.of("weighted" + output), "sum" + output);
      if (!sum.isEmpty()) {
        builder.node(new Add(), List.of(sum, "sum" + output), "total" + output);
      }
      sum = (sum.isEmpty() ? "sum" : "total") + output;
    }
    builder.node(new Identity(), List.of(sum), "loss");
    return builder.output("loss", TensorType.of(DType.FLOAT64)).build();
  }

  private static void compare(
      String name, Graph graph, List<Tensor> values, int index, Tensor gradient) {
    Tensor x = values.get(index);
    assertThat(gradient.shape()).as("%s, shape for input %d", name, index).isEqualTo(x.shape());
    double largest = 1;
    for (int i = 0; i < gradient.size(); i++) {
      largest = Math.max(largest, Math.abs(gradient.getDouble(i)));
    }
    for (int i = 0; i < x.size(); i++) {
      double numeric =
          (loss(graph, values, index, i, STEP) - loss(graph, values, index, i, -STEP)) / (2 * STEP);
      assertThat(Math.abs(gradient.getDouble(i) - numeric))
          .as(
              "%s: gradient of input %d at %d is %s, differences give %s",
              name, index, i, gradient.getDouble(i), numeric)
          .isLessThanOrEqualTo(TOLERANCE * largest);
    }
  }

  private static double loss(Graph graph, List<Tensor> values, int index, int element, double by) {
    Tensor moved = values.get(index).copy();
    moved.setDouble(element, moved.getDouble(element) + by);
    List<Tensor> inputs = new ArrayList<>(values);
    inputs.set(index, moved);
    return Interpreter.run(graph, inputs).getFirst().getDouble(0);
  }
}
