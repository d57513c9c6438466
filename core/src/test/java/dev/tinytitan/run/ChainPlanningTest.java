package dev.tinytitan.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.KernelUnavailableException;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which runs of nodes become chains, what goes in and out of them, and when they end. */
class ChainPlanningTest {
  private static final TensorType ROW = TensorType.of(DType.FLOAT32, 4);

  /** Chains of at most so many nodes, Softmax left out, that run on the references. */
  private static class Interpreting implements Engine, ChainCompiler {
    private final int most;
    final List<Chain> made = new ArrayList<>();
    private int bindings;
    private final List<PackedWeights.NativeResource> resources = new ArrayList<>();
    private int closed;

    Interpreting(int most) {
      this.most = most;
    }

    @Override
    public String name() {
      return "interpreting";
    }

    @Override
    public int rank() {
      return 1;
    }

    @Override
    public Optional<String> problem() {
      return Optional.empty();
    }

    @Override
    public List<KernelRow> rows() {
      return List.of();
    }

    @Override
    public Optional<ChainCompiler> chainCompiler() {
      return Optional.of(this);
    }

    @Override
    public Optional<String> refuses(KernelRequest node) {
      return node.operator() instanceof Softmax ? Optional.of("a Softmax") : Optional.empty();
    }

    @Override
    public Optional<String> refuses(Chain chain) {
      int nodes = chain.nodes().size();
      return nodes > most || nodes < 2 ? Optional.of(nodes + " nodes") : Optional.empty();
    }

    @Override
    public List<LayerTime> times(Chain chain) {
      return chain.nodes().stream()
          .map(node -> new LayerTime("interpreted", node.node().name(), 1, 0, true))
          .toList();
    }

    @Override
    public String listing(Chain chain, int threads, String node) {
      return chain.nodes().size() + " nodes, interpreted";
    }

    @Override
    public Kernel make(Chain chain, int threads) {
      made.add(chain);
      PackedWeights.NativeResource resource = () -> closed++;
      resources.add(resource);
      chain.nodes().get(0).packed().closeAtEnd(resource);
      return new Kernel() {
        @Override
        public Kernel bind(Workers workers) {
          bindings++;
          return this;
        }

        @Override
        public void run(
            @Nullable Tensor[] in, @Nullable Tensor[] out, Scratch scratch, int part, int parts) {
          evaluate(chain, in, out);
        }
      };
    }

    private static void evaluate(Chain chain, @Nullable Tensor[] in, @Nullable Tensor[] out) {
      Map<String, Tensor> values = new HashMap<>();
      for (int i = 0; i < in.length; i++) {
        values.put(chain.inputs().get(i), Objects.requireNonNull(in[i]));
      }
      for (KernelRequest request : chain.nodes()) {
        Node node = request.node();
        List<@Nullable Tensor> arguments = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
          arguments.add(request.constants().get(i).orElse(values.get(node.input(i))));
        }
        values.put(node.output(), Objects.requireNonNull(Interpreter.eval(node, arguments).get(0)));
      }
      for (int i = 0; i < out.length; i++) {
        Objects.requireNonNull(out[i]).copyFrom(values.get(chain.outputs().get(i)));
      }
    }
  }

  /** x → Exp → e → Neg → n → Add(n, e) → s → Softmax → p → Add(p, n) → Relu → y. */
  private static Graph graph() {
    return Graph.builder("g")
        .input("x", ROW)
        .node(new Exp(), List.of("x"), "e")
        .node(new Neg(), List.of("e"), "n")
        .node(new Add(), List.of("n", "e"), "s")
        .node(new Softmax(0), List.of("s"), "p")
        .node(new Add(), List.of("p", "n"), "q")
        .node(new Relu(), List.of("q"), "y")
        .output("y", ROW)
        .build();
  }

  private static List<Tensor> run(Interpreting engine, Graph graph, Tensor input) {
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = new GraphRunner(graph, new KernelTable(List.of(engine)), pool)) {
      return runner.run(List.of(input));
    }
  }

  @Test
  void longestRunsBecomeChainsAndGiveWhatOthersRead() {
    Interpreting engine = new Interpreting(10);
    Tensor input = Tensor.of(new float[] {1, -2, 0, 3});

    List<Tensor> outputs = run(engine, graph(), input);

    assertThat(engine.made).hasSize(2);
    assertThat(engine.made.get(0).inputs()).containsExactly("x");
    // e is read inside only; n is read by the second chain, too.
    assertThat(engine.made.get(0).outputs()).containsExactly("n", "s");
    assertThat(engine.made.get(1).inputs()).containsExactly("p", "n");
    assertThat(engine.made.get(1).outputs()).containsExactly("y");
    assertThat(outputs.get(0).toDoubleArray())
        .containsExactly(Interpreter.run(graph(), List.of(input)).get(0).toDoubleArray());
    assertThat(engine.bindings).isEqualTo(2);
    assertThat(engine.closed).isEqualTo(engine.resources.size());
  }

  @Test
  void aRefusedChainIsTriedShorterAndNodesLeftOverRunAlone() {
    Interpreting engine = new Interpreting(2);

    List<Tensor> outputs = run(engine, graph(), Tensor.of(new float[] {1, -2, 0, 3}));

    assertThat(engine.made).hasSize(2).allMatch(chain -> chain.nodes().size() == 2);
    assertThat(engine.made.get(0).outputs()).containsExactly("e", "n");
    assertThat(outputs).hasSize(1);
  }

  @Test
  void nodesOfAChainThatCannotBeMadeRunAlone() {
    Interpreting refusing =
        new Interpreting(10) {
          @Override
          public Kernel make(Chain chain, int threads) {
            if (made.isEmpty()) {
              return super.make(chain, threads);
            }
            throw new KernelUnavailableException("the tide is out; wait.");
          }
        };
    Tensor input = Tensor.of(new float[] {1, -2, 0, 3});
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = new GraphRunner(graph(), new KernelTable(List.of(refusing)), pool)) {
      List<StepReport> steps = runner.explain(List.of(ROW));

      assertThat(steps)
          .extracting(StepReport::operator)
          .containsExactly("Chain of 3", "Softmax", "Add", "Relu");
      assertThat(steps.get(2).others()).contains("in a chain: the tide is out; wait.");
      assertThat(runner.run(List.of(input)).get(0).toDoubleArray())
          .containsExactly(Interpreter.run(graph(), List.of(input)).get(0).toDoubleArray());
    }
  }

  @Test
  void explanationsNameTheNodesOfAChainAndWhyOthersAreInNone() {
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner =
            new GraphRunner(graph(), new KernelTable(List.of(new Interpreting(10))), pool)) {
      List<StepReport> steps = runner.explain(List.of(ROW));

      assertThat(steps)
          .extracting(StepReport::operator)
          .containsExactly("Chain of 3", "Softmax", "Chain of 2");
      assertThat(steps.get(0).nodes()).hasSize(3).allMatch(node -> !node.isBlank());
      assertThat(steps.get(1).others()).contains("in a chain: a Softmax");
    }
  }

  @Test
  void anotherEngineInFrontMakesNoChains() {
    Interpreting engine = new Interpreting(10);
    Engine plain =
        new Engine() {
          @Override
          public String name() {
            return "plain";
          }

          @Override
          public int rank() {
            return 2;
          }

          @Override
          public Optional<String> problem() {
            return Optional.empty();
          }

          @Override
          public List<KernelRow> rows() {
            return List.of();
          }
        };

    assertThat(new KernelTable(List.of(plain, engine)).chains()).isEmpty();
    assertThat(new KernelTable(List.of(engine, plain)).chains()).isPresent();
  }
}
