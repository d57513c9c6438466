package dev.tinytitan.compress.internal;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;

/**
 * The weights of a graph, branches of conditions included: constants of floating point, and
 * integers of 8 bits or fewer.
 */
public record WeightCount(long elements, long nonZero) {

  /** Counts those of a graph. */
  public static WeightCount of(Graph graph) {
    long elements = 0;
    long nonZero = 0;
    for (Tensor tensor : graph.initializers().values()) {
      if (isWeight(tensor)) {
        elements += tensor.size();
        for (int i = 0; i < tensor.size(); i++) {
          nonZero += tensor.getDouble(i) == 0 ? 0 : 1;
        }
      }
    }
    for (Node node : graph.nodes()) {
      for (Graph inner : node.operator().subgraphs()) {
        WeightCount count = of(inner);
        elements += count.elements;
        nonZero += count.nonZero;
      }
    }
    return new WeightCount(elements, nonZero);
  }

  /** Whether a constant is a weight, by its type. */
  public static boolean isWeight(Tensor tensor) {
    DType dtype = tensor.dtype();
    return dtype.isFloat() || (dtype.isInteger() && dtype.byteSize(8) <= 8);
  }
}
