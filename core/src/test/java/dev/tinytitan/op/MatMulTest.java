package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatMulTest {
  @Test
  void multipliesMatrices() {
    assertThat(run(new MatMul(), counting(2, 3), counting(3, 2)).toFloatArray())
        .containsExactly(10, 13, 28, 40);
  }

  @Test
  void treatsVectorsAsNumPyDoes() {
    Tensor vector = Tensor.of(new float[] {1, 10});
    Tensor dot = run(new MatMul(), vector, vector);
    assertThat(dot.shape()).isEqualTo(Shape.scalar());
    assertThat(dot.getFloat(0)).isEqualTo(101);
    assertThat(run(new MatMul(), vector, counting(3, 2, 2)).shape().toArray())
        .containsExactly(3, 2);
    Tensor columns = run(new MatMul(), counting(3, 2, 2), vector);
    assertThat(columns.shape().toArray()).containsExactly(3, 2);
    assertThat(columns.toFloatArray()).containsExactly(10, 32, 54, 76, 98, 120);
  }

  @Test
  void broadcastsStacks() {
    Tensor y = run(new MatMul(), counting(2, 1, 1, 2), ones(3, 2, 1));
    assertThat(y.shape().toArray()).containsExactly(2, 3, 1, 1);
    assertThat(y.toFloatArray()).containsExactly(1, 1, 1, 5, 5, 5);
  }

  @Test
  void integersWrap() {
    Tensor big = Tensor.of(new int[] {1 << 30, 5}, 1, 2);
    Tensor four = Tensor.of(new int[] {4, 1}, 2, 1);
    assertThat(run(new MatMul(), big, four).toIntArray()).containsExactly(5);
  }

  @Test
  void emptyInnerDimensionGivesZeros() {
    assertThat(run(new MatMul(), counting(2, 0), counting(0, 3)).toFloatArray())
        .containsExactly(0, 0, 0, 0, 0, 0);
  }

  @Test
  void infersWhatIsKnown() {
    Dim batch = new Dim.Symbol("batch");
    TensorType x = new TensorType(DType.FLOAT32, List.of(batch, Dim.UNKNOWN, Dim.of(8)));
    assertThat(
            RunOperator.infer(new MatMul(), 1, x, TensorType.of(DType.FLOAT32, 8, 4)).get(0).dims())
        .containsExactly(batch, Dim.UNKNOWN, Dim.of(4));
    assertThat(
            RunOperator.infer(new MatMul(), 1, x, TensorType.unknown(DType.FLOAT32))
                .get(0)
                .hasRank())
        .isFalse();
    assertThatThrownBy(
            () -> RunOperator.infer(new MatMul(), 1, x, TensorType.of(DType.FLOAT32, 7, 4)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void gemmTransposesScalesAndBroadcastsC() {
    Tensor y =
        run(
            new Gemm(2, 0.5f, true, true),
            counting(3, 2),
            counting(2, 3),
            Tensor.of(new float[] {100, 200}, 2, 1));
    // A' = [[0, 2, 4], [1, 3, 5]], B' = [[0, 3], [1, 4], [2, 5]].
    assertThat(y.toFloatArray()).containsExactly(70, 106, 126, 180);
    assertThat(
            run(
                    new Gemm(1, 0, false, false),
                    ones(1, 1),
                    ones(1, 1),
                    Tensor.of(new float[] {Float.NaN}))
                .getFloat(0))
        .isEqualTo(1);
    assertThatThrownBy(() -> run(new Gemm(1, 1, false, false), ones(1, 2), ones(2, 1), ones(2, 2)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void countsMultiplyAdds() {
    TensorType a = TensorType.of(DType.FLOAT32, 5, 3);
    TensorType b = TensorType.of(DType.FLOAT32, 5, 7);
    assertThat(
            new Gemm(1, 1, true, false)
                .cost(List.of(a, b), List.of(TensorType.of(DType.FLOAT32, 3, 7)))
                .multiplyAdds())
        .isEqualTo(3 * 5 * 7);
  }
}
