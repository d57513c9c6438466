package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link FoldBatchNormalization}, {@link FoldScale} and {@link FoldScaleAhead}. */
class FoldWeightsTest {
  private static final BatchNormalization NORMALIZATION =
      new BatchNormalization(1e-3f, 0.9f, false);

  private static Stream<Arguments> layers() {
    return Stream.of(
        Arguments.of(new Conv(Window.of(), 1), new int[] {1, 2, 5, 5}, new int[] {4, 2, 3, 3}),
        Arguments.of(new Conv(Window.of(), 2), new int[] {1, 2, 5, 5}, new int[] {4, 1, 3, 3}),
        Arguments.of(new Conv(Window.of(), 1), new int[] {2, 2, 5}, new int[] {4, 2, 3}),
        Arguments.of(
            new ConvTranspose(Window.of(), 2, List.of(), List.of()),
            new int[] {1, 4, 3, 3},
            new int[] {4, 2, 2, 2}),
        Arguments.of(new Gemm(0.5f, 1, false, false), new int[] {3, 5}, new int[] {5, 4}),
        Arguments.of(new Gemm(1, 1, false, true), new int[] {3, 5}, new int[] {4, 5}),
        Arguments.of(new MatMul(), new int[] {3, 5}, new int[] {5, 4}));
  }

  private static Graph.Builder layer(Operator operator, int[] x, int[] w, boolean bias) {
    Graph.Builder builder =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, x))
            .initializer("w", PassTester.floats(1, w));
    if (bias) {
      builder.initializer("b", PassTester.floats(2, 4));
    }
    return builder
        .node(operator, bias ? List.of("x", "w", "b") : List.of("x", "w"), "h")
        .output("y", null);
  }

  private static Tensor positive(int seed) {
    Tensor tensor = PassTester.floats(seed, 4);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, Math.abs(tensor.getFloat(i)) + 0.1f);
    }
    return tensor;
  }

  @ParameterizedTest
  @MethodSource("layers")
  void normalizationGoesIntoTheLayerBeforeIt(Operator operator, int[] x, int[] w) {
    for (boolean bias : new boolean[] {false, true}) {
      if (bias && operator instanceof MatMul) {
        continue;
      }
      Graph graph =
          layer(operator, x, w, bias)
              .initializer("scale", PassTester.floats(3, 4))
              .initializer("shift", PassTester.floats(4, 4))
              .initializer("mean", PassTester.floats(5, 4))
              .initializer("variance", positive(6))
              .node(NORMALIZATION, List.of("h", "scale", "shift", "mean", "variance"), "y")
              .build();

      Graph after = PassTester.apply(new FoldBatchNormalization(), graph);

      String name = operator.spec().name();
      assertThat(Pipelines.countOperators(after))
          .isEqualTo(operator instanceof MatMul ? Map.of("MatMul", 1, "Add", 1) : Map.of(name, 1));
    }
  }

  @Test
  void normalizationInTrainingStays() {
    Graph graph =
        layer(new Conv(Window.of(), 1), new int[] {1, 2, 5, 5}, new int[] {4, 2, 3, 3}, false)
            .initializer("scale", PassTester.floats(3, 4))
            .initializer("shift", PassTester.floats(4, 4))
            .initializer("mean", PassTester.floats(5, 4))
            .initializer("variance", positive(6))
            .node(
                new BatchNormalization(1e-3f, 0.9f, true),
                List.of("h", "scale", "shift", "mean", "variance"),
                "y")
            .build();

    PassTester.assertUnchanged(new FoldBatchNormalization(), graph);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void scalesOfChannelsGoIntoTheLayerBeforeThem(Operator operator, int[] x, int[] w) {
    int[] shape =
        x.length == 2 ? new int[] {4} : x.length == 3 ? new int[] {4, 1} : new int[] {1, 4, 1, 1};
    Graph graph =
        layer(operator, x, w, false)
            .initializer("scale", positive(3).reshape(Shape.of(shape)))
            .initializer("two", Tensor.scalar(2f))
            .node(new Mul(), List.of("scale", "h"), "a")
            .node(new Div(), List.of("a", "two"), "y")
            .build();

    assertThat(Pipelines.countOperators(PassTester.apply(new FoldScale(), graph)))
        .isEqualTo(Map.of(operator.spec().name(), 1));
  }

  @Test
  void shiftsGoIntoTheBias() {
    Graph graph =
        layer(new Conv(Window.of(), 1), new int[] {1, 2, 5, 5}, new int[] {4, 2, 3, 3}, true)
            .initializer("shift", PassTester.floats(3, 4, 1, 1))
            .initializer("one", Tensor.scalar(1f))
            .node(new Add(), List.of("h", "shift"), "a")
            .node(new Sub(), List.of("a", "one"), "y")
            .build();

    Graph after = PassTester.apply(new FoldScale(), graph);

    assertThat(Pipelines.countOperators(after)).isEqualTo(Map.of("Conv", 1));
  }

  @Test
  void whatIsNotOfChannelsOrReadElsewhereStays() {
    Graph.Builder builder =
        layer(new Conv(Window.of(), 1), new int[] {1, 2, 6, 6}, new int[] {4, 2, 3, 3}, false)
            .initializer("row", PassTester.floats(3, 4))
            .node(new Mul(), List.of("h", "row"), "y");

    PassTester.assertUnchanged(new FoldScale(), builder.build());

    Graph readTwice =
        layer(new Conv(Window.of(), 1), new int[] {1, 2, 6, 6}, new int[] {4, 2, 3, 3}, false)
            .initializer("two", Tensor.scalar(2f))
            .node(new Mul(), List.of("h", "two"), "y")
            .output("h", null)
            .build();
    PassTester.assertUnchanged(new FoldScale(), readTwice);
  }

  private static Graph ahead(Window window, int group, int... shape) {
    return Graph.builder("g")
        .input("x", TensorType.of(DType.FLOAT32, 1, 4, 5, 5))
        .initializer("scale", positive(1).reshape(Shape.of(shape)))
        .initializer("shift", PassTester.floats(2, 4).reshape(Shape.of(shape)))
        .initializer("w", PassTester.floats(3, 6, 4 / group, 3, 3))
        .initializer("b", PassTester.floats(4, 6))
        .node(new Mul(), List.of("x", "scale"), "scaled")
        .node(new Add(), List.of("shift", "scaled"), "shifted")
        .node(new Conv(window, group), List.of("shifted", "w", "b"), "y")
        .output("y", null)
        .build();
  }

  @Test
  void scalesAndShiftsGoIntoTheConvolutionAfterThem() {
    for (int group : new int[] {1, 2}) {
      Graph after = PassTester.apply(new FoldScaleAhead(), ahead(Window.of(), group, 1, 4, 1, 1));
      assertThat(Pipelines.countOperators(after)).isEqualTo(Map.of("Conv", 1));
    }
  }

  @Test
  void aShiftStaysBeforePadding() {
    Graph after =
        PassTester.apply(new FoldScaleAhead(), ahead(Window.of().withPads(1, 1, 1, 1), 2, 4, 1, 1));
    assertThat(Pipelines.countOperators(after)).isEqualTo(Map.of("Add", 1, "Conv", 1));
  }
}
