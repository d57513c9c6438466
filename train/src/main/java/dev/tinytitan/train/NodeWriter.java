package dev.tinytitan.train;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Adds nodes with names of their own to a graph under construction. Not thread-safe. */
non-sealed class NodeWriter implements LossNodes {
  private final Graph.Builder graph;
  private final String prefix;
  private int added;

  /**
   * @param prefix what all names begin with; no other names may
   */
  NodeWriter(Graph.Builder graph, String prefix) {
    this.graph = graph;
    this.prefix = prefix;
  }

  @Override
  public String add(Operator operator, String... inputs) {
    String name = prefix + operator.spec().name() + "_" + added++;
    graph.node(Node.of(name, operator, Arrays.asList(inputs), List.of(name)));
    return name;
  }

  @Override
  public String constant(Tensor tensor) {
    String name = prefix + "constant_" + added++;
    graph.initializer(name, tensor);
    return name;
  }

  @Override
  public String scalar(double value) {
    return constant(Tensor.of(new float[] {(float) value}).reshape(Shape.scalar()));
  }

  @Override
  public String longs(long... values) {
    return constant(Tensor.of(values));
  }
}
