package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolTest {
  @Test
  void maxPoolTellsIndicesInBothOrders() {
    Tensor x = counting(1, 2, 3, 4);
    Window window = Window.of(2, 2).withStrides(1, 2);
    List<Tensor> rows = runAll(new MaxPool(window, false), 2, x);
    assertThat(rows.get(0).toFloatArray()).containsExactly(5, 7, 9, 11, 17, 19, 21, 23);
    assertThat(rows.get(1).toLongArray()).containsExactly(5, 7, 9, 11, 17, 19, 21, 23);
    // Column-major within a channel: row + 3 * column.
    assertThat(runAll(new MaxPool(window, true), 2, x).get(1).toLongArray())
        .containsExactly(4, 10, 5, 11, 16, 22, 17, 23);
  }

  @Test
  void maxPoolOfIntegersIgnoresPadding() {
    Tensor y =
        run(
            new MaxPool(Window.of(2).withPads(1, 1), false),
            Tensor.of(new byte[] {-5, -7, -100}, 1, 1, 3));
    assertThat(y.dtype()).isEqualTo(DType.INT8);
    assertThat(y.toIntArray()).containsExactly(-5, -5, -7, -100);
  }

  @Test
  void maxPoolGivesNaNWhereThereIsOne() {
    Tensor y =
        run(
            new MaxPool(Window.of(2), false),
            Tensor.of(new float[] {1, Float.NaN, 2, Float.NEGATIVE_INFINITY}, 1, 1, 4));
    assertThat(y.toFloatArray()).containsExactly(Float.NaN, Float.NaN, 2);
  }

  @Test
  void ceilModeCountsPartialWindowsButNoneInThePadding() {
    Window window = Window.of(2).withStrides(2).withCeilMode(true);
    assertThat(run(new MaxPool(window, false), counting(1, 1, 5)).toFloatArray())
        .containsExactly(1, 3, 4);
    // A third window would start at index 2 + padding: in the padding at the end.
    assertThat(
            run(
                    new MaxPool(
                        Window.of(1).withStrides(2).withPads(0, 1).withCeilMode(true), false),
                    counting(1, 1, 2))
                .toFloatArray())
        .containsExactly(0);
  }

  @Test
  void averagePoolCountsPaddingOnlyOnDemand() {
    Tensor x = Tensor.of(new float[] {2, 4, 6}, 1, 1, 3);
    Window window = Window.of(2).withPads(1, 1);
    assertThat(run(new AveragePool(window, false), x).toFloatArray()).containsExactly(2, 3, 5, 6);
    assertThat(run(new AveragePool(window, true), x).toFloatArray()).containsExactly(1, 3, 5, 3);
    // What ceil mode adds beyond the padding does not count.
    Window ceil = Window.of(3).withStrides(3).withPads(0, 1).withCeilMode(true);
    assertThat(
            run(new AveragePool(ceil, true), Tensor.of(new float[] {3, 3, 3, 5}, 1, 1, 4))
                .toFloatArray())
        .containsExactly(3, 2.5f);
  }

  @Test
  void normsAndGlobalPools() {
    Tensor x = Tensor.of(new float[] {3, -4, 0, 12, 5, 0}, 1, 2, 3);
    assertThat(run(new LpPool(Window.of(2), 2), x).toFloatArray()).containsExactly(5, 4, 13, 5);
    assertThat(run(new LpPool(Window.of(2), 1), x).toFloatArray()).containsExactly(7, 4, 17, 5);
    assertThat(run(new GlobalLpPool(2), x).toFloatArray()).containsExactly(5, 13);
    assertThat(run(new GlobalMaxPool(), x).toFloatArray()).containsExactly(3, 12);
    assertThat(run(new GlobalAveragePool(), x).toFloatArray()).containsExactly(-1f / 3, 17f / 3);
    assertThat(run(new GlobalAveragePool(), x).shape().toArray()).containsExactly(1, 2, 1);
  }

  @Test
  void infersWhatIsKnown() {
    Dim n = new Dim.Symbol("n");
    TensorType x = new TensorType(DType.FLOAT32, List.of(n, Dim.of(3), Dim.UNKNOWN, Dim.of(7)));
    MaxPool pool = new MaxPool(Window.of(2, 2).withStrides(2, 2), false);
    assertThat(RunOperator.infer(pool, 2, x).get(1).dims())
        .containsExactly(n, Dim.of(3), Dim.UNKNOWN, Dim.of(3));
    assertThat(RunOperator.infer(pool, 1, TensorType.unknown(DType.FLOAT32)).get(0).rank())
        .isEqualTo(4);
    assertThat(RunOperator.infer(new GlobalAveragePool(), 1, x).get(0).dims())
        .containsExactly(n, Dim.of(3), Dim.of(1), Dim.of(1));
  }

  @Test
  void refusesWindowsThatDoNotFitOrAreHuge() {
    assertThatThrownBy(() -> run(new MaxPool(Window.of(2, 2), false), counting(1, 1, 4)))
        .isInstanceOf(ShapeMismatchException.class);
    Window huge = Window.of(1 << 30).withPads(1 << 30, 0);
    assertThatThrownBy(() -> run(new MaxPool(huge, false), counting(1, 1, 4)))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("too large");
  }
}
