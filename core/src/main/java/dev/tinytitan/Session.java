package dev.tinytitan;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.pass.Pipelines;
import dev.tinytitan.run.GraphRunner;
import dev.tinytitan.run.RunEvents;
import dev.tinytitan.run.RunGate;
import dev.tinytitan.run.WorkerPool;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A model made ready to run. Immutable and safe for use by many threads at once.
 *
 * <p>{@link #run} takes tensors and gives tensors that the caller owns. {@link #binding()} gives
 * planned memory for one thread, for hot loops that must not allocate.
 *
 * <p>A plan is made for each set of input shapes when it is first seen, and the last few are kept:
 * the first run of a shape takes longer than the next ones.
 */
public final class Session implements AutoCloseable {
  private final Graph graph;
  private final GraphRunner runner;
  private final WorkerPool pool;
  private final RunGate gate = new RunGate();
  private final String engine;
  private final List<Pipelines.Effect> effects;

  private Session(
      Graph graph,
      GraphRunner runner,
      WorkerPool pool,
      String engine,
      List<Pipelines.Effect> effects) {
    this.graph = graph;
    this.runner = runner;
    this.pool = pool;
    this.engine = engine;
    this.effects = effects;
  }

  /**
   * Makes a graph ready to run.
   *
   * @throws IllegalArgumentException if the engine asked for is not here
   * @throws TitanException if the graph cannot be run
   */
  static Session open(Graph graph, SessionOptions options) {
    RunEvents.Loading event = RunEvents.beginLoading();
    EngineCatalog engines = EngineCatalog.load();
    var chain = engines.chain(options.engineOrProperty());
    Pipelines.Result ready =
        Pipelines.run(graph, options.literalQuantization() ? List.of() : Pipelines.semantics());
    List<Pipelines.Effect> effects = new ArrayList<>(ready.effects());
    if (options.optimize()) {
      ready = Pipelines.run(ready.graph(), Pipelines.inference(options.literalQuantization()));
      effects.addAll(ready.effects());
    }
    WorkerPool pool = new WorkerPool(options.threads());
    String engine = chain.get(0).name();
    GraphRunner runner = new GraphRunner(ready.graph(), new KernelTable(chain), pool);
    if (event != null) {
      event.finish(graph.name(), engine, ready.graph().nodes().size());
    }
    return new Session(ready.graph(), runner, pool, engine, List.copyOf(effects));
  }

  /** The engine that runs it, such as {@code simd}. */
  public String engine() {
    return engine;
  }

  /** The inputs, in order, with their declared types. */
  public List<Value> inputs() {
    return graph.inputs();
  }

  /** The outputs, in order. */
  public List<Value> outputs() {
    return graph.outputs();
  }

  /** The graph that is run: what the passes made of the model. */
  @Experimental
  public Graph graph() {
    return graph;
  }

  /** What each pass did. */
  @Experimental
  public List<Pipelines.Effect> passEffects() {
    return effects;
  }

  /**
   * Runs the model.
   *
   * @param inputs a tensor for each input, by name; read only during the call
   * @return a tensor for each output, by name, in order; the caller owns them
   * @throws ShapeMismatchException if names, dtypes or shapes are not the model's, or do not fit
   *     together
   * @throws IllegalStateException if the session is closed
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    gate.enter();
    RunEvents.SlowRun event = RunEvents.beginRun();
    try {
      List<Tensor> results = runner.run(inOrder(inputs));
      Map<String, Tensor> byName = new LinkedHashMap<>();
      for (int i = 0; i < results.size(); i++) {
        byName.put(graph.outputs().get(i).name(), results.get(i));
      }
      return Collections.unmodifiableMap(byName);
    } finally {
      if (event != null) {
        event.finish(graph.name());
      }
      gate.leave();
    }
  }

  /**
   * Planned memory for one thread, for a model whose input shapes are all fixed.
   *
   * @throws ShapeMismatchException if an input has an open dimension; see {@link #binding(Map)}
   */
  public Binding binding() {
    return binding(Map.of());
  }

  /**
   * Planned memory for one thread.
   *
   * @param shapes the shapes of inputs that have open dimensions, by name; others may be left out
   * @throws ShapeMismatchException if a shape is missing or does not fit the model
   * @throws IllegalStateException if the session is closed
   */
  public Binding binding(Map<String, Shape> shapes) {
    gate.enter();
    try {
      return new Binding(graph, runner.bind(types(shapes)), gate);
    } finally {
      gate.leave();
    }
  }

  /**
   * How each step runs, and why, for inputs of these shapes.
   *
   * @param shapes as in {@link #binding(Map)}
   * @throws ShapeMismatchException if a shape is missing or does not fit the model
   */
  @Experimental
  public List<StepReport> explain(Map<String, Shape> shapes) {
    return runner.explain(types(shapes));
  }

  /**
   * The machine code that computes a step, for people: a line for each instruction.
   *
   * @param shapes as in {@link #binding(Map)}
   * @param name of the step or of a node in it, as {@link #explain} gives them
   * @return empty if there is no such step, or its kernel is not generated code
   * @throws ShapeMismatchException if a shape is missing or does not fit the model
   * @throws IllegalStateException if the session is closed
   */
  @Experimental
  public Optional<String> listing(Map<String, Shape> shapes, String name) {
    gate.enter();
    try {
      return runner.listing(types(shapes), name);
    } finally {
      gate.leave();
    }
  }

  /**
   * Measures how long each layer takes inside of kernels that were generated for runs of layers, on
   * one thread, as they follow each other: for people who look for what is slow.
   *
   * @param shapes as in {@link #binding(Map)}
   * @return in order; empty if no such kernel runs
   * @throws ShapeMismatchException if a shape is missing or does not fit the model
   * @throws IllegalStateException if the session is closed
   */
  @Experimental
  public List<LayerTime> layerTimes(Map<String, Shape> shapes) {
    gate.enter();
    try {
      return runner.layerTimes(types(shapes));
    } finally {
      gate.leave();
    }
  }

  /**
   * Waits for running calls, then ends the session's threads. Later calls, those of bindings too,
   * end in an {@link IllegalStateException}; closing again does nothing.
   */
  @Override
  public void close() {
    if (gate.close()) {
      pool.close();
      runner.close();
    }
  }

  private List<TensorType> types(Map<String, Shape> shapes) {
    requireKnownNames(shapes);
    List<TensorType> types = new ArrayList<>();
    Map<String, Integer> symbols = new HashMap<>();
    for (Value input : graph.inputs()) {
      TensorType declared = input.tensorType();
      Shape shape = shapes.get(input.name());
      if (shape == null) {
        if (!declared.isStatic()) {
          throw new ShapeMismatchException(
              "Input '"
                  + input.name()
                  + "' is declared as "
                  + declared
                  + ": give a concrete shape for it.");
        }
        shape = declared.shape();
      }
      requireFits(input, shape, symbols);
      types.add(TensorType.of(declared.dtype(), shape));
    }
    return types;
  }

  private List<Tensor> inOrder(Map<String, Tensor> inputs) {
    requireKnownNames(inputs);
    List<Tensor> ordered = new ArrayList<>(inputs.size());
    Map<String, Integer> symbols = new HashMap<>();
    for (Value input : graph.inputs()) {
      Tensor tensor = inputs.get(input.name());
      if (tensor == null) {
        throw new ShapeMismatchException(
            "Input '"
                + input.name()
                + "' ("
                + input.type()
                + ") is missing: the model takes "
                + describeInputs()
                + ".");
      }
      if (tensor.dtype() != input.tensorType().dtype()) {
        throw new ShapeMismatchException(
            "Input '"
                + input.name()
                + "' must be "
                + input.tensorType().dtype()
                + ", not "
                + tensor.dtype()
                + ".");
      }
      requireFits(input, tensor.shape(), symbols);
      ordered.add(tensor);
    }
    return ordered;
  }

  private void requireKnownNames(Map<String, ?> byName) {
    for (String name : byName.keySet()) {
      if (graph.input(name).isEmpty()) {
        throw new ShapeMismatchException(
            "The model has no input '" + name + "': it takes " + describeInputs() + ".");
      }
    }
  }

  private String describeInputs() {
    return graph.inputs().stream()
        .map(value -> "'" + value.name() + "' (" + value.type() + ")")
        .collect(Collectors.joining(", "));
  }

  private static void requireFits(Value input, Shape shape, Map<String, Integer> symbols) {
    TensorType declared = input.tensorType();
    if (!declared.hasRank()) {
      return;
    }
    if (declared.rank() != shape.rank()) {
      throw new ShapeMismatchException(
          "Input '"
              + input.name()
              + "' must have "
              + declared.rank()
              + " dimensions, as "
              + declared
              + ", not the shape "
              + shape
              + ".");
    }
    for (int i = 0; i < shape.rank(); i++) {
      Dim dim = declared.dim(i);
      if (dim.isFixed() && dim.size() != shape.dim(i)) {
        throw new ShapeMismatchException(
            "Input '"
                + input.name()
                + "' has size "
                + shape.dim(i)
                + " in dimension "
                + i
                + " where the model's "
                + declared
                + " wants "
                + dim
                + ".");
      }
      if (dim instanceof Dim.Symbol symbol) {
        Integer before = symbols.putIfAbsent(symbol.name(), shape.dim(i));
        if (before != null && before != shape.dim(i)) {
          throw new ShapeMismatchException(
              "Input '"
                  + input.name()
                  + "' has size "
                  + shape.dim(i)
                  + " in dimension '"
                  + symbol.name()
                  + "', but another input has "
                  + before
                  + " there.");
        }
      }
    }
  }
}
