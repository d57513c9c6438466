package dev.tinytitan.run;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.KernelUnavailableException;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.LayoutConversion;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.ShapeOperator;
import dev.tinytitan.op.ViewOperator;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan of a graph for concrete input shapes: runs the shape rules, computes what depends
 * on shapes alone, chooses a kernel and a layout for each node, lets views share storage, and
 * places buffers.
 */
final class Planner {
  /** Estimated nanoseconds to change the layout of one element, and of the step itself. */
  private static final double CONVERSION_PER_ELEMENT = 0.4;

  private static final double CONVERSION_FIXED = 100;

  private final Graph graph;
  private final KernelTable table;
  private final PackedWeights packed;
  private final int threads;

  /** Says which nodes a plan that stands in may hold; null for lasting plans. */
  private final @Nullable StandIn standIn;

  /** Multiply-adds of a plan that stands in. */
  private long products;

  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final List<DraftValue> values = new ArrayList<>();
  private final List<Plan.Step> steps = new ArrayList<>();

  private final ChainDrafts drafts;

  /** Nodes that a chain could take, since the last step. */
  private final List<Node> chainable = new ArrayList<>();

  /** For each value, its number in each layout that it has. */
  private final Map<String, Map<Layout, Integer>> numbers = new HashMap<>();

  private Planner(
      Graph graph,
      KernelTable table,
      PackedWeights packed,
      int threads,
      @Nullable StandIn standIn) {
    this.standIn = standIn;
    this.graph = graph;
    this.table = table;
    this.packed = packed;
    this.threads = threads;
    this.drafts = new ChainDrafts(graph);
  }

  /**
   * The plan for inputs of these types.
   *
   * @param inputTypes static types, in the order of the graph's inputs
   */
  static Plan plan(
      Graph graph,
      List<TensorType> inputTypes,
      KernelTable table,
      PackedWeights packed,
      int threads) {
    return Objects.requireNonNull(
        new Planner(graph, table, packed, threads, null).plan(inputTypes));
  }

  /**
   * A plan for inputs of these types that answers while the lasting one is made, with the same
   * bits.
   *
   * @return null if a node's results would differ, or the model is large
   */
  static @Nullable Plan standIn(
      Graph graph, List<TensorType> inputTypes, StandIn standIn, PackedWeights packed) {
    return new Planner(graph, standIn.table(), packed, 1, standIn).plan(inputTypes);
  }

  private @Nullable Plan plan(List<TensorType> inputTypes) {
    for (Map.Entry<String, Tensor> constant : graph.initializers().entrySet()) {
      Tensor tensor = constant.getValue();
      types.put(constant.getKey(), TensorType.of(tensor.dtype(), tensor.shape()));
    }
    int[] inputs = new int[inputTypes.size()];
    for (int i = 0; i < inputs.length; i++) {
      Value input = graph.inputs().get(i);
      types.put(input.name(), inputTypes.get(i));
      inputs[i] = define(input.name(), inputTypes.get(i), Layout.ROW_MAJOR);
      values.get(inputs[i]).persistent = true;
    }
    for (Node node : graph.nodes()) {
      if (!planNode(node)) {
        return null;
      }
    }
    addChains();
    int[] outputs = new int[graph.outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = numberOf(graph.outputs().get(i).name(), Layout.ROW_MAJOR);
    }
    return new Placement(values, steps, packed).plan(inputs, outputs);
  }

  /** Returns false if the node cannot be in a plan that stands in. */
  private boolean planNode(Node node) {
    if (foldedFromConstants(node)) {
      return true;
    }
    List<TensorType> outputTypes = TypeInference.inferNode(graph, node, types, constants);
    for (int i = 0; i < node.outputs().size() && i < outputTypes.size(); i++) {
      if (!node.output(i).isEmpty()) {
        types.put(node.output(i), outputTypes.get(i));
      }
    }
    if (standIn != null && !canStandIn(standIn, node)) {
      return false;
    }
    Optional<String> refusal = Optional.empty();
    if (isStatic(node) && table.chains().isPresent()) {
      refusal = table.chains().get().compiler().refuses(request(node));
      if (refusal.isEmpty()) {
        chainable.add(node);
        return true;
      }
    }
    addChains();
    addStep(node, refusal);
    return true;
  }

  private boolean canStandIn(StandIn rules, Node node) {
    if (!isStatic(node) || !node.operator().subgraphs().isEmpty()) {
      return false;
    }
    KernelRequest request = request(node);
    products += StandIn.products(request);
    return StandIn.isSmall(products) && rules.takes(request);
  }

  private void addStep(Node node, Optional<String> chainRefusal) {
    if (!isStatic(node)) {
      addNodeStep(node, true, List.of(), Optional.empty());
    } else if (node.operator() instanceof ViewOperator && !isConstant(node.input(0))) {
      addView(node);
    } else {
      addKernel(node, chainRefusal);
    }
  }

  // Chains.

  /** Makes steps of the nodes put aside: the longest chains that can be, and single nodes. */
  private void addChains() {
    int from = 0;
    while (from < chainable.size()) {
      from += addLongestChain(chainable.subList(from, chainable.size()));
    }
    chainable.clear();
  }

  /** Returns how many nodes the step took. */
  private int addLongestChain(List<Node> nodes) {
    KernelTable.ChainMaker chains = table.chains().orElseThrow();
    Optional<String> refusal = Optional.empty();
    for (int length = nodes.size(); length > 0; length--) {
      List<KernelRequest> requests = new ArrayList<>();
      for (Node node : nodes.subList(0, length)) {
        requests.add(request(node));
      }
      Chain chain = drafts.chain(requests);
      refusal = chains.compiler().refuses(chain);
      if (refusal.isEmpty()) {
        refusal = addChain(chains, chain);
        if (refusal.isPresent()) {
          for (Node node : nodes.subList(0, length)) {
            addStep(node, refusal);
          }
        }
        return length;
      }
    }
    addStep(nodes.get(0), refusal);
    return 1;
  }

  /** Returns why the chain's kernel could not be made; empty if the step is there. */
  private Optional<String> addChain(KernelTable.ChainMaker maker, Chain chain) {
    Kernel kernel;
    try {
      kernel = table.make(maker, chain, threads);
    } catch (KernelUnavailableException unavailable) {
      return Optional.of(String.valueOf(unavailable.getMessage()));
    }
    List<Integer> inputs = new ArrayList<>();
    for (String name : chain.inputs()) {
      inputs.add(numberOf(name, Layout.ROW_MAJOR));
    }
    List<Integer> outputs = new ArrayList<>();
    for (String name : chain.outputs()) {
      outputs.add(define(name, types.get(name), Layout.ROW_MAJOR));
    }
    List<KernelRequest> nodes = chain.nodes();
    String last = nodes.get(nodes.size() - 1).node().name();
    String label = nodes.size() == 1 ? last : nodes.get(0).node().name() + " to " + last;
    steps.add(new Plan.ChainStep(label, chain, maker, kernel, inputs, outputs));
    return Optional.empty();
  }

  private boolean foldedFromConstants(Node node) {
    Operator operator = node.operator();
    if (operator.isNondeterministic() || !operator.subgraphs().isEmpty()) {
      return false;
    }
    if (operator instanceof ShapeOperator byShape) {
      TensorType type = types.get(node.input(0));
      if (type == null || !type.isStatic()) {
        return false;
      }
      addConstant(node.output(), byShape.evalShape(type.shape()));
      return true;
    }
    List<@Nullable Tensor> arguments = new ArrayList<>();
    for (String input : node.inputs()) {
      if (input.isEmpty()) {
        arguments.add(null);
      } else if (constant(input).isPresent()) {
        arguments.add(constant(input).get());
      } else {
        return false;
      }
    }
    List<@Nullable Tensor> results = Interpreter.eval(node, arguments);
    for (int i = 0; i < results.size(); i++) {
      Tensor result = results.get(i);
      if (result != null && !node.output(i).isEmpty()) {
        addConstant(node.output(i), result);
      }
    }
    return true;
  }

  private void addConstant(String name, Tensor tensor) {
    constants.put(name, tensor);
    types.put(name, TensorType.of(tensor.dtype(), tensor.shape()));
  }

  private Optional<Tensor> constant(String name) {
    Tensor own = constants.get(name);
    return own != null ? Optional.of(own) : graph.constant(name);
  }

  private boolean isConstant(String name) {
    return constant(name).isPresent();
  }

  private boolean isStatic(Node node) {
    for (String name : node.inputs()) {
      if (!name.isEmpty() && !isPlannable(name)) {
        return false;
      }
    }
    for (String name : node.outputs()) {
      if (!name.isEmpty() && !isPlannable(name)) {
        return false;
      }
    }
    return true;
  }

  private boolean isPlannable(String name) {
    TensorType type = types.get(name);
    return type != null && type.isStatic();
  }

  // Values.

  private int define(String name, @Nullable TensorType type, Layout wanted) {
    Layout layout = canonical(type, wanted);
    int number = values.size();
    values.add(new DraftValue(name, type, layout, null, number));
    Map<Layout, Integer> inLayouts = numbers.get(name);
    if (inLayouts == null) {
      inLayouts = new EnumMap<>(Layout.class);
      numbers.put(name, inLayouts);
    }
    inLayouts.put(layout, number);
    return number;
  }

  private static Layout canonical(@Nullable TensorType type, Layout layout) {
    return type != null && type.isStatic()
        ? layout.canonical(type.dtype(), type.shape())
        : Layout.ROW_MAJOR;
  }

  /** The number of a value in a layout; converts it where it does not lie so yet. */
  private int numberOf(String name, Layout wanted) {
    Optional<Tensor> constant = constant(name);
    if (constant.isPresent()) {
      Map<Layout, Integer> known = numbers.get(name);
      if (known != null) {
        return Objects.requireNonNull(known.get(Layout.ROW_MAJOR));
      }
      int number = values.size();
      Tensor tensor = constant.get();
      values.add(
          new DraftValue(
              name,
              TensorType.of(tensor.dtype(), tensor.shape()),
              Layout.ROW_MAJOR,
              tensor,
              number));
      numbers.put(name, Map.of(Layout.ROW_MAJOR, number));
      return number;
    }
    Map<Layout, Integer> inLayout = numbers.get(name);
    if (inLayout == null) {
      throw new IllegalStateException("value " + name + " is not planned");
    }
    Layout layout = canonical(types.get(name), wanted);
    Integer there = inLayout.get(layout);
    if (there != null) {
      return there;
    }
    int source = inLayout.values().iterator().next();
    DraftValue from = values.get(source);
    TensorType type = Objects.requireNonNull(from.type);
    int target = define(name, type, layout);
    steps.add(
        new Plan.KernelStep(
            name + " to " + layout,
            null,
            null,
            layout,
            new LayoutConversion(type.dtype(), type.shape(), from.layout, layout),
            List.of(source),
            List.of(target),
            1,
            List.of(),
            Optional.empty()));
    return target;
  }

  private double conversionCost(String name, Layout layout) {
    Map<Layout, Integer> inLayout = numbers.get(name);
    TensorType type = types.get(name);
    if (inLayout == null
        || type == null
        || isConstant(name)
        || inLayout.containsKey(canonical(type, layout))) {
      return 0;
    }
    return CONVERSION_FIXED + CONVERSION_PER_ELEMENT * type.shape().size();
  }

  // Steps.

  private void addView(Node node) {
    // Row-major in whatever width the input lies already.
    Layout layout =
        conversionCost(node.input(0), Layout.ROW_MAJOR) > 0
                && conversionCost(node.input(0), Layout.WIDE_ROW_MAJOR) == 0
            ? Layout.WIDE_ROW_MAJOR
            : Layout.ROW_MAJOR;
    int source = numberOf(node.input(0), layout);
    int view = define(node.output(), types.get(node.output()), layout);
    values.get(view).buffer = source;
  }

  private KernelRequest request(Node node) {
    List<Optional<TensorType>> inputTypes = new ArrayList<>(node.inputs().size());
    for (String name : node.inputs()) {
      inputTypes.add(Optional.ofNullable(types.get(name)));
    }
    List<TensorType> outputTypes = new ArrayList<>();
    for (String name : node.outputs()) {
      TensorType type = types.get(name);
      if (type != null) {
        outputTypes.add(type);
      }
    }
    return new KernelRequest(
        node, inputTypes, outputTypes, constantInputs(node), Layout.ROW_MAJOR, packed);
  }

  private void addKernel(Node node, Optional<String> chainRefusal) {
    KernelRequest request = request(node);
    List<Optional<Tensor>> constantInputs = request.constants();
    List<KernelTable.Candidate> candidates = table.candidates(request);
    Optional<Made> made = makeCheapest(request, candidates);
    if (made.isEmpty()) {
      addNodeStep(node, false, candidates, chainRefusal);
      return;
    }
    Layout layout = made.get().candidate().layout();
    Kernel kernel = made.get().kernel();
    int[] inputs = new int[node.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] =
          node.hasInput(i) && (!constantInputs.get(i).isPresent() || kernel.reads(i))
              ? numberOf(node.input(i), layout)
              : -1;
    }
    int[] outputs = new int[node.outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      TensorType type = types.get(node.output(i));
      outputs[i] = node.output(i).isEmpty() ? -1 : define(node.output(i), type, layout);
    }
    steps.add(
        new Plan.KernelStep(
            node.name(),
            node,
            made.get().candidate().entry(),
            layout,
            kernel,
            Plan.numbers(inputs),
            Plan.numbers(outputs),
            threads == 1 ? 1 : Math.max(1, Math.min(threads, kernel.parts(threads))),
            candidates,
            chainRefusal));
  }

  /** A candidate with its kernel. */
  private record Made(KernelTable.Candidate candidate, Kernel kernel) {}

  /**
   * The cheapest candidate whose kernel can be made.
   *
   * @param candidates those that turn out not to be makeable are refused in it from then on
   */
  private Optional<Made> makeCheapest(
      KernelRequest request, List<KernelTable.Candidate> candidates) {
    while (true) {
      Optional<KernelTable.Candidate> choice = choose(request.node(), candidates);
      if (choice.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(new Made(choice.get(), table.make(choice.get(), request)));
      } catch (KernelUnavailableException unavailable) {
        candidates.replaceAll(candidate ->
            candidate == choice.get()
                ? candidate.refused(String.valueOf(unavailable.getMessage()))
                : candidate);
      }
    }
  }

  /** The cheapest legal candidate of the first engine that has one, layout changes counted in. */
  private Optional<KernelTable.Candidate> choose(
      Node node, List<KernelTable.Candidate> candidates) {
    KernelTable.Candidate best = null;
    double bestCost = Double.POSITIVE_INFINITY;
    for (KernelTable.Candidate candidate : candidates) {
      if (candidate.refusal().isPresent()) {
        continue;
      }
      if (best != null && best.entry().engine() != candidate.entry().engine()) {
        break;
      }
      double cost = candidate.cost();
      for (String name : node.inputs()) {
        cost += name.isEmpty() ? 0 : conversionCost(name, candidate.layout());
      }
      if (cost < bestCost) {
        best = candidate;
        bestCost = cost;
      }
    }
    return Optional.ofNullable(best);
  }

  private void addNodeStep(
      Node node,
      boolean late,
      List<KernelTable.Candidate> candidates,
      Optional<String> chainRefusal) {
    int[] inputs = new int[node.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = node.hasInput(i) ? numberOf(node.input(i), Layout.ROW_MAJOR) : -1;
    }
    int[] outputs = new int[node.outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      String name = node.output(i);
      outputs[i] =
          name.isEmpty()
              ? -1
              : define(name, isPlannable(name) ? types.get(name) : null, Layout.ROW_MAJOR);
    }
    steps.add(
        new Plan.NodeStep(
            node,
            Plan.numbers(inputs),
            Plan.numbers(outputs),
            late,
            constantInputs(node),
            candidates,
            chainRefusal));
  }

  private List<Optional<Tensor>> constantInputs(Node node) {
    List<Optional<Tensor>> inputs = new ArrayList<>(node.inputs().size());
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? Optional.empty() : constant(name));
    }
    return inputs;
  }
}
