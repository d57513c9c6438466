package dev.tinytitan.train.gradient;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operator with inputs at which its gradients are checked.
 *
 * @param name what a failure is told by
 * @param operator the operator
 * @param outputs how many outputs the node has
 * @param inputs by position; null for one left out
 * @param constants float inputs whose gradients are not checked
 */
record GradientCase(
    String name,
    Operator operator,
    int outputs,
    List<@Nullable Tensor> inputs,
    Set<Integer> constants) {

  static GradientCase of(Operator operator, @Nullable Tensor... inputs) {
    return new GradientCase(
        operator + " " + Arrays.stream(inputs).map(x -> x == null ? "-" : x.shape()).toList(),
        operator,
        1,
        Arrays.asList(inputs),
        Set.of());
  }

  GradientCase withOutputs(int count) {
    return new GradientCase(name, operator, count, inputs, constants);
  }

  GradientCase withConstants(Integer... indices) {
    return new GradientCase(name, operator, outputs, inputs, Set.of(indices));
  }

  @Override
  public String toString() {
    return name;
  }
}
