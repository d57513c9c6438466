package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.infer;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class SortingTest {

  @Test
  void bestElementsInOrder() {
    Tensor x = Tensor.of(new float[] {1, 5, Float.NaN, 5, 2, 0, 2, 2}, 2, 4);
    Tensor two = Tensor.of(new long[] {2});
    List<Tensor> largest = runAll(new TopK(1, true, true), 2, x, two);
    assertThat(largest.get(0).toFloatArray()).containsExactly(Float.NaN, 5, 2, 2);
    assertThat(largest.get(1)).isEqualTo(Tensor.of(new long[] {2, 1, 0, 2}, 2, 2));
    List<Tensor> least = runAll(new TopK(-1, false, true), 2, x, two);
    assertThat(least.get(0).toFloatArray()).containsExactly(1, 5, 0, 2);
    assertThat(least.get(1).toLongArray()).containsExactly(0, 1, 1, 0);
    List<Tensor> down = runAll(new TopK(0, true, true), 2, x, Tensor.of(new long[] {1}));
    assertThat(down.get(1)).isEqualTo(Tensor.of(new long[] {1, 0, 0, 0}, 1, 4));
    assertThatThrownBy(() -> runAll(new TopK(1, true, true), 2, x, Tensor.of(new long[] {5})))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("5");
  }

  @Test
  void topKWithoutKnownNumberKeepsTheRank() {
    assertThat(
            infer(
                    new TopK(1, true, true),
                    2,
                    TensorType.of(DType.INT8, 2, 4),
                    TensorType.of(DType.INT64, 1))
                .get(1)
                .toString())
        .isEqualTo("int64[2, ?]");
  }

  private static List<Tensor> unique(Unique operator, Tensor x) {
    return Interpreter.eval(
        Node.of("n", operator, List.of("x"), List.of("y", "first", "inverse", "counts")),
        List.of(x));
  }

  @Test
  void differentElementsSortedOrNot() {
    Tensor x = Tensor.of(new float[] {2, 1, 1, 3, 4, 3}, 2, 3);
    List<Tensor> sorted = unique(new Unique(null, true), x);
    assertThat(sorted.get(0).toFloatArray()).containsExactly(1, 2, 3, 4);
    assertThat(sorted.get(1).toLongArray()).containsExactly(1, 0, 3, 4);
    assertThat(sorted.get(2).toLongArray()).containsExactly(1, 0, 0, 2, 3, 2);
    assertThat(sorted.get(3).toLongArray()).containsExactly(2, 1, 2, 1);
    List<Tensor> first = unique(new Unique(null, false), x);
    assertThat(first.get(0).toFloatArray()).containsExactly(2, 1, 3, 4);
    assertThat(first.get(2).toLongArray()).containsExactly(0, 1, 1, 2, 3, 2);
  }

  @Test
  void differentSlices() {
    Tensor x = Tensor.of(new int[] {1, 0, 1, 2, 3, 2}, 2, 3);
    List<Tensor> columns = unique(new Unique(-1, true), x);
    assertThat(columns.get(0)).isEqualTo(Tensor.of(new int[] {0, 1, 3, 2}, 2, 2));
    assertThat(columns.get(3).toLongArray()).containsExactly(1, 2);
  }
}
