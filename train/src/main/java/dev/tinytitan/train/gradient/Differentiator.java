package dev.tinytitan.train.gradient;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Gradients;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reverse-mode differentiation: goes through a graph from the loss backwards and lets each operator
 * add the nodes for the gradients of its inputs. What comes out is an ordinary graph.
 */
public final class Differentiator {
  private final Graph graph;
  private final Graph.Builder result;
  private final Map<String, TensorType> types;
  private final Map<String, Tensor> constants;
  private final Set<String> wanted = new HashSet<>();
  private final Map<String, List<String>> gradients = new HashMap<>();
  private final Map<Tensor, String> sharedConstants = new HashMap<>();
  private final List<String> refusals = new ArrayList<>();
  private int added;

  /**
   * A graph with the gradients of a loss.
   *
   * @param graph the graph given, with more nodes; its inputs and outputs are as they were
   * @param gradients for each value asked for, the value that holds its gradient
   */
  public record Result(Graph graph, Map<String, String> gradients) {
    /** Keeps the order. */
    public Result {
      gradients = Collections.unmodifiableMap(new LinkedHashMap<>(gradients));
    }
  }

  private Differentiator(Graph graph, Collection<String> values) {
    this.graph = graph;
    this.result = graph.toBuilder();
    this.types = new HashMap<>(TypeInference.infer(graph));
    this.constants = new HashMap<>(graph.initializers());
    wanted.addAll(values);
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(wanted::contains)) {
        // Quantized values carry the gradient of the numbers that they stand for.
        boolean quantizes = node.operator() instanceof QuantizeLinear;
        node.outputs().stream().filter(output -> quantizes || isFloat(output)).forEach(wanted::add);
      }
    }
  }

  /**
   * Adds the gradients of a loss.
   *
   * @param graph all of its types must be static, see {@link StaticShapes}
   * @param loss a float value of one element
   * @param values inputs, constants or values between nodes, of a float type
   * @throws UnsupportedModelException if a node between them has no gradient; lists all of them
   * @throws ShapeMismatchException if types are not static, or the loss has more than one element
   */
  public static Result differentiate(Graph graph, String loss, Collection<String> values) {
    return new Differentiator(graph, values).run(loss, values);
  }

  private Result run(String loss, Collection<String> values) {
    if (type(loss).shape().size() != 1) {
      throw new ShapeMismatchException(
          "The loss '" + loss + "' is one number, not " + type(loss) + ".");
    }
    Tensor one = Tensor.zeros(type(loss).dtype(), type(loss).shape());
    one.setDouble(0, 1);
    contribute(loss, constant(one));
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      differentiate(graph.nodes().get(i));
    }
    if (!refusals.isEmpty()) {
      throw new UnsupportedModelException(
          "Some nodes between the parameters and the loss have no gradient; replace or freeze them:",
          refusals);
    }
    Map<String, String> found = new LinkedHashMap<>();
    for (String value : values) {
      found.put(value, gradientOf(value));
    }
    return new Result(result.build(), found);
  }

  private void differentiate(Node node) {
    boolean reached = node.outputs().stream().anyMatch(gradients::containsKey);
    if (reached && node.inputs().stream().anyMatch(wanted::contains)) {
      Optional<GradientRule> rule = TrainingRules.of(node.operator());
      Context context = new Context(node);
      if (rule.isPresent()) {
        rule.get().apply(context);
      } else {
        node.operator().gradient(context);
      }
    }
  }

  private boolean isFloat(String value) {
    TensorType type = types.get(value);
    return type != null && type.dtype().isFloat();
  }

  private TensorType type(String value) {
    TensorType type = types.get(value);
    if (type == null || !type.isStatic()) {
      throw new ShapeMismatchException(
          "The value '"
              + value
              + "' has the type "
              + type
              + "; a graph is differentiated for concrete shapes.");
    }
    return type;
  }

  private void contribute(String value, String gradient) {
    gradients.computeIfAbsent(value, key -> new ArrayList<>()).add(gradient);
  }

  /** All contributions to a value's gradient, added up once. */
  private String gradientOf(String value) {
    List<String> parts = gradients.get(value);
    if (parts == null) {
      return constant(Tensor.zeros(type(value).dtype(), type(value).shape()));
    }
    while (parts.size() > 1) {
      String sum = addNode(new Add(), 1, parts.subList(0, 2)).getFirst();
      parts.subList(0, 2).clear();
      parts.addFirst(sum);
    }
    return parts.getFirst();
  }

  private List<String> addNode(Operator operator, int outputs, List<String> inputs) {
    String base = fresh(operator.spec().name());
    List<String> names =
        outputs == 1
            ? List.of(base)
            : IntStream.range(0, outputs).mapToObj(i -> base + "/" + i).toList();
    Node node = Node.of(base, operator, inputs, names);
    List<TensorType> inferred =
        TypeInference.inferNode(
            node,
            inputs.stream().map(name -> Optional.ofNullable(types.get(name))).toList(),
            index -> Optional.ofNullable(constants.get(node.input(index))));
    for (int i = 0; i < outputs; i++) {
      types.put(names.get(i), inferred.get(i));
    }
    result.node(node);
    return names;
  }

  private String fresh(String what) {
    String name;
    do {
      name = "gradient/" + what + "_" + added++;
    } while (types.containsKey(name));
    return name;
  }

  private String constant(Tensor tensor) {
    return sharedConstants.computeIfAbsent(
        tensor,
        value -> {
          String name = fresh("constant");
          types.put(name, TensorType.of(value.dtype(), value.shape()));
          constants.put(name, value);
          result.initializer(name, value);
          return name;
        });
  }

  /** What one node's operator sees. */
  private final class Context implements GradientContext {
    private final Node node;

    Context(Node node) {
      this.node = node;
    }

    @Override
    public Node node() {
      return node;
    }

    @Override
    public boolean hasInput(int index) {
      return node.hasInput(index);
    }

    @Override
    public String input(int index) {
      return node.input(index);
    }

    @Override
    public String output(int index) {
      return node.output(index);
    }

    @Override
    public TensorType type(String value) {
      return Differentiator.this.type(value);
    }

    @Override
    public Optional<Tensor> constant(int index) {
      return Optional.ofNullable(constants.get(node.input(index)));
    }

    @Override
    public boolean hasGradient(int index) {
      return gradients.containsKey(node.output(index));
    }

    @Override
    public String gradient(int index) {
      return gradientOf(node.output(index));
    }

    @Override
    public boolean wants(int index) {
      return node.hasInput(index) && wanted.contains(node.input(index));
    }

    @Override
    public void give(int input, String gradient) {
      if (wants(input)) {
        contribute(node.input(input), summedTo(gradient, shape(node.input(input))));
      }
    }

    /** The sum over what was repeated when a value of shape {@code target} was broadcast. */
    private String summedTo(String gradient, Shape target) {
      Shape from = shape(gradient);
      if (from.equals(target)) {
        return gradient;
      }
      int extra = from.rank() - target.rank();
      int[] axes =
          IntStream.range(0, from.rank())
              .filter(i -> i < extra || (target.dim(i - extra) == 1 && from.dim(i) != 1))
              .toArray();
      String sum = axes.length == 0 ? gradient : Gradients.sum(this, gradient, axes);
      return Gradients.reshaped(this, sum, target);
    }

    @Override
    public String add(Operator operator, String... inputs) {
      return addNode(operator, 1, Arrays.asList(inputs)).getFirst();
    }

    @Override
    public List<String> addNode(Operator operator, int outputs, List<String> inputs) {
      return Differentiator.this.addNode(operator, outputs, inputs);
    }

    @Override
    public String constant(Tensor tensor) {
      return Differentiator.this.constant(tensor);
    }

    @Override
    public String scalar(double value, String like) {
      DType dtype = type(like).dtype();
      Tensor tensor = Tensor.zeros(dtype, Shape.scalar());
      tensor.setDouble(0, value);
      return constant(tensor);
    }

    @Override
    public void refuse(String reason) {
      refusals.add(
          "node '"
              + node.name()
              + "' ("
              + node.operator().spec()
              + ") cannot be differentiated: "
              + reason);
    }
  }
}
