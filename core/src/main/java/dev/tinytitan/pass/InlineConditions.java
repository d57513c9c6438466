package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.If;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts the branch that is always taken in the place of an If with a constant condition. */
public record InlineConditions() implements Pass.OfNodes {
  @Override
  public String name() {
    return "inline-conditions";
  }

  @Override
  public String description() {
    return "Puts the branch that is always taken in the place of an If.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("If");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    Tensor condition = scope.constant(node.input(0)).filter(c -> c.size() == 1).orElse(null);
    if (!(node.operator() instanceof If choice) || condition == null) {
      return Optional.empty();
    }
    Graph branch = condition.getBoolean(0) ? choice.thenBranch() : choice.elseBranch();
    return Optional.of(inline(scope, node, branch));
  }

  private static GraphPatch inline(Scope scope, Node node, Graph branch) {
    GraphPatch.Builder patch = GraphPatch.builder().remove(node);
    Map<String, String> names = new HashMap<>();
    names.put("", "");
    // What the branch reads from around it are the last inputs of the node.
    int captured = node.inputs().size() - branch.inputs().size();
    for (int i = 0; i < branch.inputs().size(); i++) {
      names.put(branch.inputs().get(i).name(), node.input(captured + i));
    }
    // An output that a node of the branch gives takes the outer name at once.
    Set<Integer> given = new HashSet<>();
    for (int i = 0; i < branch.outputs().size(); i++) {
      String inner = branch.outputs().get(i).name();
      if (branch.producer(inner).isPresent()
          && !node.output(i).isEmpty()
          && names.putIfAbsent(inner, node.output(i)) == null) {
        given.add(i);
      }
    }
    branch
        .initializers()
        .forEach(
            (name, tensor) -> patch.initializer(names.computeIfAbsent(name, scope::fresh), tensor));
    for (Node inner : branch.nodes()) {
      List<String> outputs =
          inner.outputs().stream().map(v -> names.computeIfAbsent(v, scope::fresh)).toList();
      patch.add(
          new Node(
              scope.fresh(inner.name()),
              inner.operator(),
              inner.inputs().stream().map(names::get).toList(),
              outputs,
              inner.doc()));
    }
    for (int i = 0; i < branch.outputs().size(); i++) {
      if (!given.contains(i) && !node.output(i).isEmpty()) {
        String value = names.get(branch.outputs().get(i).name());
        patch.add(
            Node.of(
                scope.fresh(node.name()), new Identity(), List.of(value), List.of(node.output(i))));
      }
    }
    return patch.build();
  }
}
