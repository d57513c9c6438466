package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Loop;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells subgraphs what is known around them: a captured constant becomes a constant of the
 * subgraph, another captured value gets its type. Of what a loop's body declares about the values
 * that it carries only the element type is kept: nobody checks their shapes when the body runs, and
 * they may change from one turn to the next.
 */
public record DescribeCaptures() implements Pass {
  @Override
  public String name() {
    return "describe-captures";
  }

  @Override
  public String description() {
    return "Tells subgraphs the constants and types around them.";
  }

  @Override
  public Graph apply(Graph graph) {
    Scope scope = new Scope(graph);
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    boolean changed = false;
    for (Node node : graph.nodes()) {
      Node described = node.operator().subgraphs().isEmpty() ? node : describe(scope, node);
      changed |= described != node;
      nodes.add(described);
    }
    return changed ? graph.toBuilder().nodes(nodes).build() : graph;
  }

  private static Node describe(Scope scope, Node node) {
    int captures = node.operator().captureCount();
    int first = node.inputs().size() - captures;
    List<String> inputs = new ArrayList<>(node.inputs().subList(0, first));
    for (String captured : node.inputs().subList(first, node.inputs().size())) {
      if (scope.constant(captured).isEmpty()) {
        inputs.add(captured);
      }
    }
    List<Graph> described = new ArrayList<>();
    boolean changed = inputs.size() != node.inputs().size();
    for (Graph subgraph : node.operator().subgraphs()) {
      Graph after = describe(scope, node, subgraph, captures);
      changed |= after != subgraph;
      described.add(after);
    }
    return changed
        ? node.withInputs(inputs)
            .withOperator(node.operator().withSubgraphs(described, inputs.size() - first))
        : node;
  }

  private static Graph describe(Scope scope, Node node, Graph subgraph, int captures) {
    Graph.Builder builder = subgraph.toBuilder();
    List<Value> inputs = new ArrayList<>();
    int first = subgraph.inputs().size() - captures;
    for (int i = 0; i < subgraph.inputs().size(); i++) {
      Value input = subgraph.inputs().get(i);
      if (i < first) {
        // The first two inputs of a body are the turn and the condition.
        boolean carried = node.operator() instanceof Loop && i >= 2;
        inputs.add(carried ? withoutShape(input) : input);
        continue;
      }
      String outer = node.input(node.inputs().size() - captures + i - first);
      Optional<Tensor> constant = scope.constant(outer);
      if (constant.isPresent()) {
        builder.initializer(input.name(), constant.get());
      } else {
        inputs.add(
            scope
                .plainType(outer)
                .map(type -> new Value(input.name(), type, input.doc()))
                .orElse(input));
      }
    }
    return inputs.equals(subgraph.inputs()) ? subgraph : builder.inputs(inputs).build();
  }

  private static Value withoutShape(Value input) {
    return input.type() instanceof TensorType type
        ? new Value(input.name(), TensorType.unknown(type.dtype()), input.doc())
        : input;
  }
}
