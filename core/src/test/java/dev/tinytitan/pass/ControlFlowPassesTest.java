package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.If;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link InlineConditions}, {@link DescribeCaptures}, and other passes inside subgraphs. */
class ControlFlowPassesTest {
  private static final TensorType TYPE = TensorType.of(DType.FLOAT32, 2);
  private static final TensorType BOOL = TensorType.of(DType.BOOL);

  /** Its names are those of the graph around it, on purpose. */
  private static Graph branch(String name, float factor) {
    return Graph.builder(name)
        .input("a", null)
        .input("b", null)
        .initializer("factor", Tensor.scalar(factor))
        .node(new Mul(), List.of("a", "factor"), "h")
        .node(new Add(), List.of("h", "b"), "y")
        .output("y", null)
        .build();
  }

  private static Graph.Builder around(If choice) {
    return Graph.builder("g")
        .input("x", TYPE)
        .initializer("b", Tensor.of(new float[] {5, 7}))
        .node(new Relu(), List.of("x"), "h")
        .node(choice, List.of("condition", "h", "b"), "chosen")
        .node(new Add(), List.of("chosen", "h"), "y")
        .output("y", TYPE);
  }

  private static If choice() {
    return new If(branch("then", 2), branch("else", 3), 2);
  }

  @Test
  void theBranchThatIsAlwaysTakenStandsInPlaceOfTheIf() {
    Graph graph =
        around(choice()).initializer("condition", Tensor.of(new boolean[] {false})).build();

    PassTester.assertBecomes(
        new InlineConditions(),
        graph,
        """
        graph g(x: float32[2]) -> (y: float32[2])
          const b: float32[2] {5.0, 7.0}
          const factor: float32[] {3.0}
          h = Relu(x)
          h_2 = Mul(h, factor)
          chosen = Add(h_2, b)
          y = Add(chosen, h)
        """);
  }

  @Test
  void aBranchMayGiveWhatItCapturedAndOneValueTwice() {
    Graph branch =
        Graph.builder("same")
            .input("a", null)
            .node(new Relu(), List.of("a"), "r")
            .output("a", null)
            .output("r", null)
            .output("r", null)
            .build();
    Graph graph =
        Graph.builder("g")
            .input("x", TYPE)
            .initializer("condition", Tensor.of(new boolean[] {true}))
            .node(
                Node.of(
                    "if",
                    new If(branch, branch, 1),
                    List.of("condition", "x"),
                    List.of("p", "q", "r")))
            .output("p", TYPE)
            .output("q", TYPE)
            .output("r", TYPE)
            .build();

    PassTester.assertBecomes(
        new InlineConditions(),
        graph,
        """
        graph g(x: float32[2]) -> (p: float32[2], q: float32[2], r: float32[2])
          q = Relu(x)
          p = Identity(x)
          r = Identity(q)
        """);
  }

  @Test
  void aConditionThatIsNotConstantStays() {
    PassTester.assertUnchanged(
        new InlineConditions(), around(choice()).input("condition", BOOL).build());
  }

  @Test
  void subgraphsLearnConstantsAndTypes() {
    Graph graph = around(choice()).input("condition", BOOL).build();

    PassTester.assertBecomes(
        new DescribeCaptures(),
        graph,
        """
        graph g(x: float32[2], condition: bool[]) -> (y: float32[2])
          const b: float32[2] {5.0, 7.0}
          h = Relu(x)
          chosen = If{else_branch=graph else, then_branch=graph then}(condition, h)
            graph then(a: float32[2]) -> (y)
              const factor: float32[] {2.0}
              const b: float32[2] {5.0, 7.0}
              h = Mul(a, factor)
              y = Add(h, b)
            graph else(a: float32[2]) -> (y)
              const factor: float32[] {3.0}
              const b: float32[2] {5.0, 7.0}
              h = Mul(a, factor)
              y = Add(h, b)
          y = Add(chosen, h)
        """);
  }

  @Test
  void passesReachIntoSubgraphs() {
    Graph branch =
        Graph.builder("b")
            .input("a", null)
            .node(new Identity(), List.of("a"), "i")
            .node(new Relu(), List.of("i"), "y")
            .output("y", null)
            .build();
    Graph graph =
        Graph.builder("g")
            .input("x", TYPE)
            .input("condition", BOOL)
            .node(new If(branch, branch, 1), List.of("condition", "x"), "y")
            .output("y", TYPE)
            .build();

    Pipelines.Result result = Pipelines.run(graph, List.of(new RemoveNoOps()), true);

    assertThat(GraphText.of(result.graph())).doesNotContain("Identity");
    Pipelines.Effect effect = result.effects().get(0);
    assertThat(effect.nodesBefore()).isEqualTo(5);
    assertThat(effect.nodesAfter()).isEqualTo(3);
    assertThat(effect.delta()).containsExactly(Map.entry("Identity", -2));
  }
}
