package dev.tinytitan.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.KernelUnavailableException;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which runs of nodes become chains, what goes in and out of them, and when they end. */
class ChainPlanningTest {
  private static final TensorType ROW = TensorType.of(DType.FLOAT32, 4);

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

  private static List<Tensor> run(InterpretingEngine engine, Graph graph, Tensor input) {
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = new GraphRunner(graph, new KernelTable(List.of(engine)), pool)) {
      return runner.run(List.of(input));
    }
  }

  @Test
  void longestRunsBecomeChainsAndGiveWhatOthersRead() {
    InterpretingEngine engine = new InterpretingEngine(10);
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
    InterpretingEngine engine = new InterpretingEngine(2);

    List<Tensor> outputs = run(engine, graph(), Tensor.of(new float[] {1, -2, 0, 3}));

    assertThat(engine.made).hasSize(2).allMatch(chain -> chain.nodes().size() == 2);
    assertThat(engine.made.get(0).outputs()).containsExactly("e", "n");
    assertThat(outputs).hasSize(1);
  }

  @Test
  void nodesOfAChainThatCannotBeMadeRunAlone() {
    InterpretingEngine refusing =
        new InterpretingEngine(10) {
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
            new GraphRunner(graph(), new KernelTable(List.of(new InterpretingEngine(10))), pool)) {
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
    InterpretingEngine engine = new InterpretingEngine(10);
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
