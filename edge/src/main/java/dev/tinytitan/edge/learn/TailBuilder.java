package dev.tinytitan.edge.learn;

import dev.tinytitan.Model;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.LogSoftmax;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.gradient.Differentiator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a model in two where the first learned layer stands, and makes the part behind the cut
 * trainable. Quantized activations become floats there: rounding them is left out of training, the
 * range that begins at 0 stays as a Relu.
 */
final class TailBuilder {
  private static final String TARGET = "learn/target";
  private static final String LOSS = "learn/loss";

  private final Graph model;
  private final List<Update> updates;
  private final int batch;
  private final Objective objective;

  /** Values whose gradients are wanted, beside those of what is learned. */
  private final Set<String> behind;

  /** Values that depend on what is learned. */
  private final Set<String> moving = new HashSet<>();

  /** Values that depend on constants only. */
  private final Set<String> fixed = new HashSet<>();

  private final List<Node> tail = new ArrayList<>();
  private final Set<String> cuts = new LinkedHashSet<>();

  /** In the training graph: what stands for a value of the model. */
  private final Map<String, String> standIns = new HashMap<>();

  private TailBuilder(
      Graph model, List<Update> updates, int batch, Objective objective, Set<String> behind) {
    this.behind = behind;
    this.model = model;
    this.updates = updates;
    this.batch = batch;
    this.objective = objective;
  }

  /**
   * Cuts a model.
   *
   * @param batch samples of a step
   * @throws UnsupportedModelException if the model has several inputs, or a node behind the cut has
   *     no gradient
   * @throws ShapeMismatchException if the model's shapes are not fixed for the batch
   */
  static Tail build(Graph model, List<Update> updates, int batch, Objective objective) {
    return new TailBuilder(model, updates, batch, objective, Set.of()).build();
  }

  /**
   * Cuts a model behind a value, whose gradient {@link Tail#gradientOf} names, for one sample.
   *
   * @param updates of layers behind the value
   */
  static Tail behind(Graph model, String value, List<Update> updates, Objective objective) {
    return new TailBuilder(model, updates, 1, objective, Set.of(value)).build();
  }

  /**
   * What the loss sees of a model: its first output, before a last softmax where that is wanted.
   */
  static String logits(Graph model, Objective objective) {
    String value = model.outputs().getFirst().name();
    while (true) {
      Optional<Node> producer = model.producer(value);
      if (producer.isEmpty()) {
        return value;
      }
      boolean passes =
          switch (producer.get().operator()) {
            case QuantizeLinear quantize -> true;
            case DequantizeLinear dequantize -> true;
            case Identity identity -> true;
            case Softmax softmax -> objective == Objective.CLASSES;
            default -> false;
          };
      if (!passes) {
        return value;
      }
      value = producer.get().input(0);
    }
  }

  /** What the last layer with weights reads. */
  static String features(Graph model) {
    return LearnableTensor.of(model).stream()
        .filter(tensor -> tensor.role() == LearnableTensor.Role.WEIGHT)
        .reduce((before, after) -> after)
        .map(tensor -> tensor.layer().input(0))
        .orElseThrow(
            () -> new UnsupportedModelException("The model has no layer with weights.", List.of()));
  }

  /** How many classes a classifier gives. */
  static int classes(Model model) {
    Map<String, TensorType> types = TypeInference.infer(withBatch(model.graph(), 1));
    String logits = logits(model.graph(), Objective.CLASSES);
    return Objects.requireNonNull(types.get(logits)).shape().dim(1);
  }

  private Tail build() {
    if (model.inputs().size() != 1) {
      throw new UnsupportedModelException(
          "Only models with one input learn; this one has " + model.inputs().size() + ".",
          List.of());
    }
    findTail();
    Map<String, TensorType> types = TypeInference.infer(withBatch(model, batch));
    String logits = logits(model, objective);
    TensorType logitsType = types.get(logits);
    if (logitsType == null || !logitsType.isStatic() || logitsType.dtype() != DType.FLOAT32) {
      throw new ShapeMismatchException(
          "What the model's first output comes from, '"
              + logits
              + "', is to be float32 of a known shape, but is "
              + logitsType
              + ".");
    }
    if (objective == Objective.CLASSES && logitsType.rank() != 2) {
      throw new ShapeMismatchException(
          "A classifier gives [batch, classes], not " + logitsType + "; learn values instead.");
    }
    Graph forward = forward(types, logits, logitsType);
    List<String> names = new ArrayList<>();
    for (Update update : updates) {
      names.addAll(names(update));
    }
    names.addAll(behind);
    Differentiator.Result result = Differentiator.differentiate(forward, LOSS, names);
    Graph.Builder complete = result.graph().toBuilder();
    List<Tail.Part> parts = new ArrayList<>();
    for (Update update : updates) {
      for (String name : names(update)) {
        parts.add(part(update, name, result, complete));
      }
    }
    Map<String, String> gradients = new LinkedHashMap<>();
    for (String value : behind) {
      String gradient = Objects.requireNonNull(result.gradients().get(value));
      complete.output(gradient, null);
      gradients.put(value, gradient);
    }
    return new Tail(
        front(),
        back(),
        complete.build(),
        List.copyOf(cuts),
        TARGET,
        LOSS,
        standIn(logits),
        logitsType.shape(),
        List.copyOf(parts),
        Map.copyOf(gradients));
  }

  private static Tail.Part part(
      Update update, String name, Differentiator.Result result, Graph.Builder complete) {
    String gradient = Objects.requireNonNull(result.gradients().get(name));
    complete.output(gradient, null);
    Shape shape = result.graph().input(name).orElseThrow().tensorType().shape();
    boolean isMatrix = shape.rank() > 1 && update.form() != Update.Form.LOW_RANK;
    int rows = isMatrix ? shape.dim(update.tensor().outputAxis()) : 1;
    return new Tail.Part(name, gradient, shape, update, name.endsWith("/up") ? 1 : 0, rows);
  }

  /** The inputs of the training graph that an update has. */
  private static List<String> names(Update update) {
    String value = update.tensor().value();
    return switch (update.form()) {
      case WHOLE -> List.of(value);
      case CHANNELS -> List.of(value + "/channels");
      case LOW_RANK -> List.of(value + "/down", value + "/up");
    };
  }

  private void findTail() {
    Set<String> learned = new HashSet<>(behind);
    updates.forEach(update -> learned.add(update.tensor().value()));
    fixed.addAll(model.initializers().keySet());
    for (Node node : model.nodes()) {
      boolean constant = node.inputs().stream().allMatch(in -> in.isEmpty() || fixed.contains(in));
      boolean moves =
          node.inputs().stream().anyMatch(in -> moving.contains(in) || learned.contains(in));
      if (constant && !moves) {
        fixed.addAll(node.outputs());
      } else if (moves) {
        moving.addAll(node.outputs());
        tail.add(node);
      }
    }
    List<Node> pulled = new ArrayList<>();
    for (Node node : tail) {
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !moving.contains(input) && !fixed.contains(input)) {
          cutAt(input, pulled);
        }
      }
    }
    tail.addAll(0, pulled);
  }

  /** Cuts before a DequantizeLinear rather than behind it: codes are a quarter of the bytes. */
  private void cutAt(String value, List<Node> pulled) {
    Optional<Node> producer = model.producer(value);
    if (producer.isPresent() && producer.get().operator() instanceof DequantizeLinear) {
      if (!pulled.contains(producer.get())) {
        pulled.add(producer.get());
      }
      cuts.add(producer.get().input(0));
    } else {
      cuts.add(value);
    }
  }

  private Graph forward(Map<String, TensorType> types, String logits, TensorType logitsType) {
    Graph.Builder builder = Graph.builder(model.name() + "-learning");
    for (String cut : cuts) {
      builder.input(cut, Objects.requireNonNull(types.get(cut)));
    }
    Map<String, Update> byLayer = new HashMap<>();
    Set<String> whole = new HashSet<>();
    for (Update update : updates) {
      if (update.form() == Update.Form.WHOLE) {
        whole.add(update.tensor().value());
        builder.input(
            update.tensor().value(), TensorType.of(DType.FLOAT32, update.tensor().shape()));
      } else {
        byLayer.put(update.tensor().layer().name(), update);
      }
    }
    Set<String> needed = ancestors(logits);
    addConstants(builder, whole);
    for (Node node : tail) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        add(builder, node, byLayer.get(node.name()), types);
      }
    }
    builder.input(TARGET, logitsType);
    addLoss(builder, standIn(logits), logitsType.shape());
    builder.output(LOSS, null).output(standIn(logits), null);
    return builder.build();
  }

  /** Initializers, and nodes over them, that the tail reads. */
  private void addConstants(Graph.Builder builder, Set<String> whole) {
    Set<String> read = new HashSet<>();
    for (Node node : tail) {
      read.addAll(node.inputs());
    }
    List<Node> folded = new ArrayList<>();
    List<Node> nodes = model.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      boolean constant = node.outputs().stream().allMatch(fixed::contains);
      boolean replaced = node.outputs().stream().anyMatch(whole::contains);
      if (constant && !replaced && node.outputs().stream().anyMatch(read::contains)) {
        folded.addFirst(node);
        read.addAll(node.inputs());
      }
    }
    model
        .initializers()
        .forEach((name, tensor) -> {
          if (read.contains(name) && !whole.contains(name)) {
            builder.initializer(name, tensor);
          }
        });
    folded.forEach(builder::node);
  }

  private Set<String> ancestors(String value) {
    Set<String> found = new HashSet<>(Set.of(value));
    for (int i = tail.size() - 1; i >= 0; i--) {
      Node node = tail.get(i);
      if (node.outputs().stream().anyMatch(found::contains)) {
        found.addAll(node.inputs());
      }
    }
    return found;
  }

  private String standIn(String value) {
    return standIns.getOrDefault(value, value);
  }

  private void add(
      Graph.Builder builder, Node node, @Nullable Update part, Map<String, TensorType> types) {
    switch (node.operator()) {
      case QuantizeLinear quantize -> addQuantize(builder, node, types);
      case DequantizeLinear dequantize when !cuts.contains(node.input(0)) ->
          standIns.put(node.output(), standIn(node.input(0)));
      case Dropout dropout -> standIns.put(node.output(), standIn(node.input(0)));
      case Identity identity -> standIns.put(node.output(), standIn(node.input(0)));
      default -> {
        Node own = node.withInputs(node.inputs().stream().map(this::standIn).toList());
        if (part == null) {
          builder.node(own);
        } else {
          String frozen = node.output() + "/frozen";
          builder.node(Node.of(frozen, own.operator(), own.inputs(), List.of(frozen)));
          String more =
              part.form() == Update.Form.CHANNELS
                  ? addChannels(builder, own, part)
                  : addLowRank(builder, own, part);
          builder.node(new Add(), List.of(frozen, more), node.output());
        }
      }
    }
  }

  /**
   * Quantization cuts to a range. Of feature maps, which take the memory, only a range that begins
   * at 0 is kept, as a Relu; what a fully connected layer gives is cut at both ends, else logits
   * would learn to be where integers cannot follow.
   */
  private void addQuantize(Graph.Builder builder, Node node, Map<String, TensorType> types) {
    String input = standIn(node.input(0));
    String cut = node.output() + "/cut";
    Optional<Tensor> scale = model.constant(node.input(1)).filter(each -> each.size() == 1);
    Optional<Tensor> zero = model.constant(node.input(2)).filter(each -> each.size() == 1);
    DType dtype = zero.map(Tensor::dtype).orElse(DType.UINT8);
    double lowest = dtype.minValue() - zero.map(tensor -> tensor.getDouble(0)).orElse(0.0);
    double highest = dtype.maxValue() - zero.map(tensor -> tensor.getDouble(0)).orElse(0.0);
    TensorType type = types.get(node.input(0));
    boolean isRelu =
        model.producer(node.input(0)).filter(from -> from.operator() instanceof Relu).isPresent();
    standIns.put(node.output(), cut);
    if (scale.isPresent() && type != null && type.rank() <= 2) {
      float step = scale.get().getFloat(0);
      builder.initializer(cut + "/low", Tensor.scalar((float) (lowest * step)));
      builder.initializer(cut + "/high", Tensor.scalar((float) (highest * step)));
      builder.node(new Clip(), List.of(input, cut + "/low", cut + "/high"), cut);
    } else if (lowest == 0 && !isRelu) {
      builder.node(new Relu(), List.of(input), cut);
    } else {
      standIns.put(node.output(), input);
    }
  }

  /** The same layer over some channels of its input, with weights of its own and no bias. */
  private static String addChannels(Graph.Builder builder, Node node, Update update) {
    String name = names(update).getFirst();
    String chosen = name + "/input";
    String indices = name + "/indices";
    builder.input(name, TensorType.of(DType.FLOAT32, update.channelShape()));
    long[] numbers = Arrays.stream(update.channels()).asLongStream().toArray();
    builder.initializer(indices, Tensor.of(numbers, numbers.length));
    int axis = node.operator() instanceof MatMul ? -1 : 1;
    builder.node(new Gather(axis), List.of(node.input(0), indices), chosen);
    builder.node(node.operator(), List.of(chosen, name), name + "/output");
    return name + "/output";
  }

  /** The same layer with a thin matrix, and a matrix that widens what that gives. */
  private static String addLowRank(Graph.Builder builder, Node node, Update update) {
    String down = names(update).get(0);
    String up = names(update).get(1);
    Shape shape = update.tensor().shape();
    int outputs = shape.dim(update.tensor().outputAxis());
    int rank = update.rank();
    builder.input(
        down, TensorType.of(DType.FLOAT32, shape.withDim(update.tensor().outputAxis(), rank)));
    String thin = down + "/output";
    builder.node(node.operator(), List.of(node.input(0), down), thin);
    String wide = up + "/output";
    switch (node.operator()) {
      case Conv conv -> {
        int spatial = shape.rank() - 2;
        int[] dims = new int[shape.rank()];
        Arrays.fill(dims, 1);
        dims[0] = outputs;
        dims[1] = rank;
        int[] ones = new int[spatial];
        Arrays.fill(ones, 1);
        builder.input(up, TensorType.of(DType.FLOAT32, Shape.of(dims)));
        builder.node(new Conv(Window.of(ones), 1), List.of(thin, up), wide);
      }
      case Gemm gemm -> {
        builder.input(up, TensorType.of(DType.FLOAT32, Shape.of(rank, outputs)));
        builder.node(new Gemm(1, 1, false, false), List.of(thin, up), wide);
      }
      default -> {
        builder.input(up, TensorType.of(DType.FLOAT32, Shape.of(rank, outputs)));
        builder.node(new MatMul(), List.of(thin, up), wide);
      }
    }
    return wide;
  }

  private void addLoss(Graph.Builder builder, String logits, Shape shape) {
    builder.initializer("learn/share", Tensor.scalar((float) (1.0 / batch)));
    if (objective == Objective.CLASSES) {
      builder.initializer("learn/minus", Tensor.scalar((float) (-1.0 / batch)));
      builder.node(new LogSoftmax(1), List.of(logits), "learn/logs");
      builder.node(new Mul(), List.of(TARGET, "learn/logs"), "learn/product");
      builder.node(new ReduceSum(false, false), List.of("learn/product"), "learn/sum");
      builder.node(new Mul(), List.of("learn/sum", "learn/minus"), LOSS);
    } else {
      builder.initializer("learn/mean", Tensor.scalar((float) (1.0 / shape.size())));
      builder.node(new Sub(), List.of(logits, TARGET), "learn/off");
      builder.node(new Mul(), List.of("learn/off", "learn/off"), "learn/product");
      builder.node(new ReduceSum(false, false), List.of("learn/product"), "learn/sum");
      builder.node(new Mul(), List.of("learn/sum", "learn/mean"), LOSS);
    }
  }

  private Graph front() {
    Set<Node> behind = new HashSet<>(tail);
    Set<String> needed = new HashSet<>(cuts);
    List<Node> nodes = new ArrayList<>();
    for (int i = model.nodes().size() - 1; i >= 0; i--) {
      Node node = model.nodes().get(i);
      if (!behind.contains(node) && node.outputs().stream().anyMatch(needed::contains)) {
        nodes.addFirst(node);
        needed.addAll(node.inputs());
      }
    }
    return part("front", model.inputs(), cuts, nodes);
  }

  private Graph back() {
    Set<Node> behind = new HashSet<>(tail);
    Set<String> needed = new HashSet<>();
    model.outputs().forEach(output -> needed.add(output.name()));
    List<Node> nodes = new ArrayList<>();
    for (int i = model.nodes().size() - 1; i >= 0; i--) {
      Node node = model.nodes().get(i);
      boolean constant = fixed.containsAll(node.outputs());
      if ((behind.contains(node) || constant)
          && node.outputs().stream().anyMatch(needed::contains)) {
        nodes.addFirst(node);
        needed.addAll(node.inputs());
      }
    }
    Map<String, TensorType> types = TypeInference.infer(model);
    List<Value> inputs = cuts.stream().map(cut -> Value.of(cut, types.get(cut))).toList();
    return part("back", inputs, model.outputs().stream().map(Value::name).toList(), nodes);
  }

  private Graph part(
      String name, List<Value> inputs, Collection<String> outputs, List<Node> nodes) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    Set<String> read = new HashSet<>(outputs);
    nodes.forEach(node -> read.addAll(node.inputs()));
    model
        .initializers()
        .forEach((key, tensor) -> {
          if (read.contains(key)) {
            constants.put(key, tensor);
          }
        });
    Graph.Builder builder =
        Graph.builder(model.name() + "-" + name)
            .inputs(inputs)
            .initializers(constants)
            .nodes(nodes);
    outputs.forEach(output -> builder.output(output, null));
    return builder.build();
  }

  /** The model for a fixed number of samples at once. */
  static Graph withBatch(Graph model, int batch) {
    Value input = model.inputs().getFirst();
    TensorType type = input.tensorType();
    if (!type.hasRank() || type.rank() == 0) {
      throw new ShapeMismatchException(
          "Input '" + input.name() + "' has no batch dimension: it is " + type + ".");
    }
    List<Dim> dims = new ArrayList<>(type.knownDims());
    dims.set(0, Dim.of(batch));
    TensorType concrete = type.withDims(dims);
    if (!concrete.isStatic()) {
      throw new ShapeMismatchException(
          "Input '"
              + input.name()
              + "' is "
              + type
              + ": only the batch, its first dimension, may be open when a model learns.");
    }
    return model.toBuilder().inputs(List.of(Value.of(input.name(), concrete))).build();
  }
}
