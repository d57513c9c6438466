package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RemoveNoOpsTest {
  private static final TensorType TYPE = TensorType.of(DType.FLOAT32, 2, 3);

  private static Tensor longs(long... numbers) {
    return Tensor.of(numbers);
  }

  private static Stream<Arguments> noOps() {
    return Stream.of(
        Arguments.of(new Identity(), List.of()),
        Arguments.of(new Cast(DType.FLOAT32, true, "up"), List.of()),
        Arguments.of(new Concat(1), List.of()),
        Arguments.of(new Transpose(List.of(0, 1)), List.of()),
        Arguments.of(new Pad(Pad.Mode.CONSTANT), List.of(longs(0, 0, 0, 0))),
        Arguments.of(new Tile(), List.of(longs(1, 1))),
        Arguments.of(new Slice(), List.of(longs(0), longs(Long.MAX_VALUE))),
        Arguments.of(new Slice(), List.of(longs(0, 0), longs(2, 3))),
        Arguments.of(new Reshape(false), List.of(longs(2, -1))),
        Arguments.of(new Expand(), List.of(longs(2, 1))),
        Arguments.of(new Sub(), List.of(Tensor.scalar(0f))),
        Arguments.of(new Mul(), List.of(Tensor.scalar(1f))),
        Arguments.of(new Div(), List.of(Tensor.of(new float[] {1}, 1, 1))));
  }

  private static Graph between(Operator operator, List<Tensor> constants) {
    Graph.Builder builder = Graph.builder("g").input("x", TYPE).node(new Relu(), List.of("x"), "a");
    List<String> inputs = new ArrayList<>(List.of("a"));
    for (Tensor constant : constants) {
      String name = "c" + inputs.size();
      builder.initializer(name, constant);
      inputs.add(name);
    }
    return builder.node(operator, inputs, "y").output("y", null).build();
  }

  @ParameterizedTest
  @MethodSource("noOps")
  void whatChangesNothingGoes(Operator operator, List<Tensor> constants) {
    assertThat(GraphText.of(PassTester.apply(new RemoveNoOps(), between(operator, constants))))
        .isEqualTo("graph g(x: float32[2, 3]) -> (y)\n  y = Relu(x)\n");
  }

  private static Stream<Arguments> others() {
    return Stream.of(
        Arguments.of(new Cast(DType.FLOAT64, true, "up"), List.of()),
        Arguments.of(new Transpose(List.of()), List.of()),
        Arguments.of(new Pad(Pad.Mode.CONSTANT), List.of(longs(0, 0, 0, 1))),
        Arguments.of(new Slice(), List.of(longs(0), longs(1))),
        Arguments.of(new Reshape(false), List.of(longs(3, 2))),
        // It would turn -0 into 0.
        Arguments.of(new Add(), List.of(Tensor.scalar(0f))),
        // It adds a dimension.
        Arguments.of(new Mul(), List.of(Tensor.of(new float[] {1}, 1, 1, 1))));
  }

  @ParameterizedTest
  @MethodSource("others")
  void whatChangesSomethingStays(Operator operator, List<Tensor> constants) {
    PassTester.assertUnchanged(new RemoveNoOps(), between(operator, constants));
  }

  @Test
  void anInputThatIsAnOutputKeepsItsIdentity() {
    Graph graph =
        Graph.builder("g")
            .input("x", TYPE)
            .node(new Identity(), List.of("x"), "y")
            .output("y", TYPE)
            .build();

    PassTester.assertUnchanged(new RemoveNoOps(), graph);
  }
}
