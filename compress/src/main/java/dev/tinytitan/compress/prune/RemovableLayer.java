package dev.tinytitan.compress.prune;

import dev.tinytitan.compress.internal.Block;
import dev.tinytitan.compress.internal.RepeatedBlocks;
import dev.tinytitan.compress.internal.ShortcutBlocks;
import dev.tinytitan.compress.internal.WeightCount;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.NodeCost;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A layer that can be taken out, and what that saves.
 *
 * @param run which run of layers that are alike it is of; -1 if a shortcut leads around it
 * @param name of its first node with weights
 * @param multiplyAdds of one run
 * @param parameters elements of weights that nothing else reads
 * @param weightBytes bytes of these
 */
record RemovableLayer(
    Block block, int run, String name, long multiplyAdds, long parameters, long weightBytes) {

  /**
   * All of a graph, in its order; none shares a node with another. Runs of layers that are alike
   * come first, then, in what is left, layers with a shortcut around them, the smallest first. A
   * run of layers with one shortcut each is left to these: the sum then keeps what follows it.
   */
  static List<RemovableLayer> of(ConcreteGraph concrete) {
    Graph graph = concrete.graph();
    List<Block> shortcuts = new ArrayList<>(ShortcutBlocks.of(graph, concrete.types()));
    List<RemovableLayer> layers = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    int run = 0;
    for (List<Block> blocks : RepeatedBlocks.of(graph)) {
      if (blocks.stream().allMatch(block -> hasOne(block, shortcuts))) {
        continue;
      }
      for (Block block : blocks) {
        layers.add(of(concrete, block, run));
        block.nodes().forEach(node -> taken.add(node.name()));
      }
      run++;
    }
    shortcuts.sort(Comparator.comparingInt(block -> block.nodes().size()));
    for (Block block : shortcuts) {
      List<String> names = block.nodes().stream().map(Node::name).toList();
      if (names.stream().noneMatch(taken::contains)) {
        layers.add(of(concrete, block, -1));
        taken.addAll(names);
      }
    }
    List<String> order = graph.nodes().stream().map(Node::name).toList();
    layers.sort(
        Comparator.comparingInt(layer -> order.indexOf(layer.block().nodes().get(0).name())));
    return layers;
  }

  private static boolean hasOne(Block block, List<Block> shortcuts) {
    return shortcuts.stream().filter(block::contains).count() == 1;
  }

  private static RemovableLayer of(ConcreteGraph concrete, Block block, int run) {
    Graph graph = concrete.graph();
    Graph rest = Block.without(graph, List.of(block));
    long parameters = 0;
    long bytes = 0;
    for (Map.Entry<String, Tensor> constant : graph.initializers().entrySet()) {
      Tensor tensor = constant.getValue();
      if (!rest.initializers().containsKey(constant.getKey()) && WeightCount.isWeight(tensor)) {
        parameters += tensor.size();
        bytes += tensor.byteSize();
      }
    }
    long multiplyAdds =
        block.nodes().stream()
            .filter(node -> !concrete.isConstant(node.output()))
            .mapToLong(
                node -> NodeCost.of(node, concrete.types()).map(Cost::multiplyAdds).orElse(0L))
            .sum();
    return new RemovableLayer(block, run, name(concrete, block), multiplyAdds, parameters, bytes);
  }

  /** The first node that computes with weights; the first of all where there is none. */
  private static String name(ConcreteGraph concrete, Block block) {
    return block.nodes().stream()
        .filter(node -> !concrete.isConstant(node.output()))
        .filter(node ->
            node.inputs().stream()
                .flatMap(input -> concrete.constant(input).stream())
                .anyMatch(tensor -> tensor.shape().rank() > 1 && WeightCount.isWeight(tensor)))
        .findFirst()
        .orElse(block.nodes().get(0))
        .name();
  }

  /** What is saved of a figure. */
  long saved(Target.Figure figure) {
    return switch (figure) {
      case MULTIPLY_ADDS -> multiplyAdds;
      case PARAMETERS -> parameters;
      case BYTES -> weightBytes;
    };
  }
}
