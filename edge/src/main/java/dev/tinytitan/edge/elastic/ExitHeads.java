package dev.tinytitan.edge.elastic;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.NodeCost;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Adds early exits to a classifier: behind some of its activations, means over a coarse grid and a
 * fully connected layer that answers as the model does (Teerapittayanon et al. 2016, "BranchyNet").
 * Early channels do not yet say what is where; the grid does, at next to no multiply-adds. Their
 * weights are drawn from a seed; they are worth nothing until they are trained.
 */
final class ExitHeads {
  /** What the outputs of exits are called, before their number. */
  static final String PREFIX = "exit_";

  /** Along each axis of a feature map, at most so many means are taken. */
  private static final int GRID = 4;

  private ExitHeads() {}

  /**
   * Adds exits.
   *
   * @param model one input; its first output, a Softmax's, is the answer
   * @param shares of the multiply-adds behind which exits are wanted, rising, each above 0 and
   *     below 1; the nearest activation is taken
   * @return the model with outputs {@code exit_1}, … behind its own
   * @throws BadDataException if it has no such output, or too few activations
   */
  static Model attach(Model model, List<Double> shares, long seed) {
    Graph graph = model.graph();
    String answer = graph.outputs().getFirst().name();
    Optional<Node> last = graph.producer(answer);
    if (last.isEmpty() || !(last.get().operator() instanceof Softmax)) {
      throw new BadDataException(
          "Exits are for classifiers: the output '" + answer + "' is to be a Softmax's.");
    }
    Map<String, TensorType> types = TypeInference.infer(graph, inputTypes(graph), Map.of());
    int classes = fixed(types, last.get().input(0), 1);
    Set<String> places = places(graph, types, shares);
    if (places.size() < shares.size()) {
      throw new BadDataException(
          "The model has activations for "
              + places.size()
              + " exits, not for "
              + shares.size()
              + ".");
    }
    Random random = new Random(seed);
    Graph.Builder builder = graph.toBuilder();
    int number = 0;
    for (String place : places) {
      String name = PREFIX + ++number;
      String features = place;
      int width = fixed(types, place, 1);
      int spatial = Objects.requireNonNull(types.get(place)).rank() - 2;
      if (spatial > 0) {
        int[] windows = new int[spatial];
        for (int axis = 0; axis < spatial; axis++) {
          int size = fixed(types, place, axis + 2);
          windows[axis] = Math.ceilDiv(size, GRID);
          width *= Math.ceilDiv(size, windows[axis]);
        }
        Window window = Window.of(windows).withStrides(windows).withCeilMode(true);
        builder.node(new AveragePool(window, false), List.of(place), name + "/means");
        builder.node(new Flatten(1), List.of(name + "/means"), name + "/features");
        features = name + "/features";
      }
      double limit = Math.sqrt(6.0 / (width + classes));
      Tensor weight = Tensor.zeros(DType.FLOAT32, Shape.of(classes, width));
      for (int i = 0; i < weight.size(); i++) {
        weight.setFloat(i, (float) (limit * (2 * random.nextDouble() - 1)));
      }
      builder.initializer(name + ".weight", weight);
      builder.initializer(name + ".bias", Tensor.zeros(DType.FLOAT32, Shape.of(classes)));
      builder.node(
          new Gemm(1, 1, false, true),
          List.of(features, name + ".weight", name + ".bias"),
          name + "/logits");
      builder.node(new Softmax(-1), List.of(name + "/logits"), name);
      builder.output(name, graph.outputs().getFirst().type());
    }
    return Model.of(builder.build(), model.info());
  }

  /** The inputs' types with open dimensions of size 1. */
  static Map<String, TensorType> inputTypes(Graph graph) {
    Map<String, TensorType> types = new java.util.LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      TensorType type = input.tensorType();
      List<Dim> dims = new ArrayList<>();
      type.knownDims().forEach(dim -> dims.add(dim.isFixed() ? dim : Dim.of(1)));
      types.put(input.name(), type.withDims(dims));
    }
    return types;
  }

  private static int fixed(Map<String, TensorType> types, String value, int axis) {
    TensorType type = types.get(value);
    if (type == null || !type.isStatic() || type.rank() <= axis) {
      throw new BadDataException("The shape of '" + value + "' is not known.");
    }
    return type.shape().dim(axis);
  }

  private static Set<String> places(
      Graph graph, Map<String, TensorType> types, List<Double> shares) {
    List<String> candidates = new ArrayList<>();
    List<Long> before = new ArrayList<>();
    long sum = 0;
    for (Node node : graph.nodes()) {
      sum += NodeCost.of(node, types).map(Cost::multiplyAdds).orElse(0L);
      if (node.operator() instanceof Relu) {
        candidates.add(node.output());
        before.add(sum);
      }
    }
    Set<String> places = new LinkedHashSet<>();
    int next = 0;
    for (double share : shares) {
      int best = -1;
      for (int i = next; i < candidates.size(); i++) {
        double off = Math.abs(before.get(i) - share * sum);
        if (best < 0 || off < Math.abs(before.get(best) - share * sum)) {
          best = i;
        }
      }
      if (best >= 0) {
        places.add(candidates.get(best));
        next = best + 1;
      }
    }
    return places;
  }
}
