package dev.tinytitan.run;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
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
import org.jspecify.annotations.Nullable;

/**
 * Runs a graph for any input shapes: keeps a plan for each of the last few, and idle bindings of
 * each. Thread-safe.
 */
public final class GraphRunner implements AutoCloseable, Interpreter.SubgraphRunner {
  private static final int MAX_PLANS = 16;

  private final Graph graph;
  private final KernelTable table;
  private final PackedWeights packed;
  private final WorkerPool pool;
  private final Map<List<TensorType>, PlanEntry> plans = new LinkedHashMap<>(16, 0.75f, true);

  /** The first entry, whose plan a thread of its own may be making. */
  private @Nullable PlanEntry first;

  private final Map<Graph, GraphRunner> subgraphs =
      Collections.synchronizedMap(new IdentityHashMap<>());

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

  /**
   * A binding of its own, for inputs of these static types; on the lasting plan, which it waits for
   * where another stands in.
   */
  public BoundPlan bind(List<TensorType> inputTypes) {
    return entry(inputTypes).lasting().bind();
  }

  /** How the graph runs for inputs of these static types. */
  public List<StepReport> explain(List<TensorType> inputTypes) {
    return StepReports.of(entry(inputTypes).lasting().plan());
  }

  /**
   * The generated code of the step that has this name or computes the node of this name.
   *
   * @return empty if no step does, or it is not generated
   */
  public Optional<String> listing(List<TensorType> inputTypes, String name) {
    for (Plan.Step step : entry(inputTypes).lasting().plan().steps()) {
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
    for (Plan.Step step : entry(inputTypes).lasting().plan().steps()) {
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
    return entry(types).run(inputs);
  }

  /** Frees what kernels hold outside the heap. Nothing runs any more, bindings neither. */
  @Override
  public void close() {
    PlanEntry entry;
    synchronized (plans) {
      entry = first;
    }
    if (entry != null) {
      entry.close();
    }
    synchronized (subgraphs) {
      for (GraphRunner subgraph : subgraphs.values()) {
        subgraph.close();
      }
    }
    packed.close();
  }

  /** Runs a branch or body of this graph. */
  @Override
  public List<Tensor> run(Graph subgraph, List<Tensor> inputs) {
    return subgraphs
        .computeIfAbsent(subgraph, graphOfIt -> new GraphRunner(graphOfIt, table, pool))
        .run(inputs);
  }

  private PlanEntry entry(List<TensorType> types) {
    synchronized (plans) {
      PlanEntry entry = plans.get(types);
      if (entry == null) {
        // Only the first plan of a runner may be stood in for: by the next, code is made quickly.
        entry = new PlanEntry(new Plans(types, first == null ? StandIn.of(table) : null));
        if (first == null) {
          first = entry;
        }
        plans.put(types, entry);
        if (plans.size() > MAX_PLANS) {
          plans.remove(plans.keySet().iterator().next());
        }
      }
      return entry;
    }
  }

  /** The plans for inputs of these types. */
  private final class Plans implements PlanEntry.Maker {
    private final List<TensorType> types;
    private final @Nullable StandIn standIn;

    Plans(List<TensorType> types, @Nullable StandIn standIn) {
      this.types = types;
      this.standIn = standIn;
    }

    @Override
    public @Nullable PooledPlan standIn() {
      return standIn == null ? null : pooled(Planner.standIn(graph, types, standIn, packed));
    }

    @Override
    public PooledPlan lasting() {
      RunEvents.Planning event = RunEvents.beginPlanning();
      if (table.chains().isPresent()) {
        table.chains().get().compiler().expectChains();
      }
      Plan plan = Planner.plan(graph, types, table, packed, pool.threads());
      if (event != null) {
        event.finish(graph.name(), types.toString(), plan);
      }
      return new PooledPlan(plan, GraphRunner.this);
    }

    private @Nullable PooledPlan pooled(@Nullable Plan plan) {
      return plan == null ? null : new PooledPlan(plan, GraphRunner.this);
    }
  }
}
