package dev.tinytitan.run;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a graph for any input shapes: keeps a plan for each of the last few, and idle bindings of
 * each. Thread-safe.
 */
public final class GraphRunner implements AutoCloseable {
  private static final int MAX_PLANS = 16;
  private static final int MAX_IDLE_BINDINGS = 4;

  private final Graph graph;
  private final KernelTable table;
  private final PackedWeights packed;
  private final WorkerPool pool;
  private final Map<List<TensorType>, PlanEntry> plans = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Graph, GraphRunner> subgraphs =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /** A plan with bindings that nobody uses at the moment. */
  private static final class PlanEntry {
    final Plan plan;
    final ConcurrentLinkedQueue<BoundPlan> idle = new ConcurrentLinkedQueue<>();
    final AtomicInteger idleCount = new AtomicInteger();

    PlanEntry(Plan plan) {
      this.plan = plan;
    }
  }

  /** A runner of its own weights' packed forms; {@code pool} is shared with its owner. */
  public GraphRunner(Graph graph, KernelTable table, WorkerPool pool) {
    this.graph = graph;
    this.table = table;
    this.pool = pool;
    this.packed = new PackedWeights(graph.initializers().values());
  }

  KernelTable table() {
    return table;
  }

  WorkerPool pool() {
    return pool;
  }

  /** The graph that is run. */
  public Graph graph() {
    return graph;
  }

  /** A binding of its own, for inputs of these static types. */
  public BoundPlan bind(List<TensorType> inputTypes) {
    return new BoundPlan(entry(inputTypes).plan, this);
  }

  /** How the graph runs for inputs of these static types. */
  public List<StepReport> explain(List<TensorType> inputTypes) {
    return StepReports.of(entry(inputTypes).plan);
  }

  /**
   * The generated code of the step that has this name or computes the node of this name.
   *
   * @return empty if no step does, or it is not generated
   */
  public Optional<String> listing(List<TensorType> inputTypes, String name) {
    for (Plan.Step step : entry(inputTypes).plan.steps()) {
      if (step instanceof Plan.ChainStep chain
          && (chain.label().equals(name)
              || chain.nodes().stream().anyMatch(node -> node.name().equals(name)))) {
        String node = chain.label().equals(name) ? "" : name;
        return Optional.of(chain.maker().compiler().listing(chain.chain(), pool.threads(), node));
      }
    }
    return Optional.empty();
  }

  /** How long each layer takes inside of kernels made of many, on one thread. */
  public List<LayerTime> layerTimes(List<TensorType> inputTypes) {
    List<LayerTime> times = new ArrayList<>();
    for (Plan.Step step : entry(inputTypes).plan.steps()) {
      if (step instanceof Plan.ChainStep chain) {
        times.addAll(chain.maker().compiler().times(chain.chain()));
      }
    }
    return times;
  }

  /**
   * Runs the graph.
   *
   * @return outputs that the caller owns
   */
  public List<Tensor> run(List<Tensor> inputs) {
    List<TensorType> types = new ArrayList<>(inputs.size());
    for (Tensor input : inputs) {
      types.add(TensorType.of(input.dtype(), input.shape()));
    }
    PlanEntry entry = entry(types);
    BoundPlan binding = entry.idle.poll();
    if (binding == null) {
      binding = new BoundPlan(entry.plan, this);
    } else {
      entry.idleCount.decrementAndGet();
    }
    try {
      for (int i = 0; i < inputs.size(); i++) {
        binding.input(i).copyFrom(inputs.get(i));
      }
      binding.run();
      List<Tensor> outputs = new ArrayList<>(graph.outputs().size());
      for (int i = 0; i < graph.outputs().size(); i++) {
        outputs.add(binding.output(i).copy());
      }
      return outputs;
    } finally {
      if (entry.idleCount.incrementAndGet() <= MAX_IDLE_BINDINGS) {
        entry.idle.add(binding);
      } else {
        entry.idleCount.decrementAndGet();
      }
    }
  }

  /** Frees what kernels hold outside the heap. Nothing runs any more, bindings neither. */
  @Override
  public void close() {
    synchronized (subgraphs) {
      subgraphs.values().forEach(GraphRunner::close);
    }
    packed.close();
  }

  List<Tensor> runSubgraph(Graph subgraph, List<Tensor> inputs) {
    return subgraphs
        .computeIfAbsent(subgraph, graphOfIt -> new GraphRunner(graphOfIt, table, pool))
        .run(inputs);
  }

  private PlanEntry entry(List<TensorType> types) {
    synchronized (plans) {
      PlanEntry entry = plans.get(types);
      if (entry == null) {
        RunEvents.Planning event = RunEvents.beginPlanning();
        entry = new PlanEntry(Planner.plan(graph, types, table, packed, pool.threads()));
        if (event != null) {
          event.finish(graph.name(), types.toString(), entry.plan);
        }
        plans.put(types, entry);
        if (plans.size() > MAX_PLANS) {
          plans.remove(plans.keySet().iterator().next());
        }
      }
      return entry;
    }
  }
}
