package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.infer;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReductionTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  /** Each reduction with what it makes of 1, 2, 3 and of nothing. */
  static Stream<Arguments> reductions() {
    return Stream.of(
        arguments(new ReduceSum(false, false), 6, 0),
        arguments(new ReduceProd(false, false), 6, 1),
        arguments(new ReduceMean(false, false), 2, Double.NaN),
        arguments(new ReduceMax(false, false), 3, -INF),
        arguments(new ReduceMin(false, false), 1, INF),
        arguments(new ReduceL1(false, false), 6, 0),
        arguments(new ReduceL2(false, false), Math.sqrt(14), 0),
        arguments(new ReduceSumSquare(false, false), 14, 0),
        arguments(new ReduceLogSum(false, false), Math.log(6), -INF),
        arguments(new ReduceLogSumExp(false, false), 3.4076059644443806, -INF));
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void reducesSomethingAndNothing(Reduction reduction, double ofNumbers, double ofNothing) {
    Tensor axes = Tensor.of(new long[] {-1});
    Tensor numbers = Tensor.of(new double[] {1, 2, 3}, 1, 3);
    assertThat(run(reduction, numbers, axes).toDoubleArray())
        .containsExactly(new double[] {ofNumbers}, Offset.offset(1e-12));
    assertThat(run(reduction, Tensor.zeros(DType.FLOAT32, Shape.of(2, 0)), axes).toDoubleArray())
        .containsExactly(ofNothing, ofNothing);
    assertThat(run(reduction, Tensor.zeros(DType.FLOAT32, Shape.of(0, 2)), axes).shape())
        .isEqualTo(Shape.of(0));
  }

  @Test
  void axesAreKeptOrDropped() {
    Tensor x = counting(2, 3, 2);
    Tensor axes = Tensor.of(new long[] {0, -1});
    Tensor kept = run(new ReduceSum(true, false), x, axes);
    assertThat(kept.shape()).isEqualTo(Shape.of(1, 3, 1));
    assertThat(kept.toFloatArray()).containsExactly(14, 22, 30);
    assertThat(run(new ReduceSum(false, false), x, axes).shape()).isEqualTo(Shape.of(3));
    assertThat(run(new ReduceSum(false, false), x).shape()).isEqualTo(Shape.scalar());
    assertThat(run(new ReduceSum(true, false), x).toFloatArray()).containsExactly(66);
    Tensor none = Tensor.zeros(DType.INT64, Shape.of(0));
    assertThat(run(new ReduceSum(true, false), x, none).toFloatArray()).containsExactly(66);
    assertThat(run(new ReduceSum(true, true), x, none)).isEqualTo(x);
  }

  @Test
  void withoutAxesEachElementMayBeReducedAlone() {
    Tensor x = Tensor.of(new float[] {-2, 3}, 1, 2);
    Tensor noAxes = Tensor.of(new long[0], 0);
    assertThat(RunOperator.run(new ReduceSum(true, true), x, noAxes).toFloatArray())
        .containsExactly(-2, 3);
    assertThat(RunOperator.run(new ReduceL1(false, true), x, noAxes).toFloatArray())
        .containsExactly(2, 3);
    assertThat(RunOperator.run(new ReduceSumSquare(true, true), x).toFloatArray())
        .containsExactly(4, 9);
    assertThat(RunOperator.run(new ReduceLogSumExp(true, true), x).toFloatArray())
        .containsExactly(-2, 3);
  }

  @Test
  void axesOutOfRangeOrTwiceAreRefused() {
    assertThatThrownBy(
            () -> run(new ReduceSum(true, false), counting(2), Tensor.of(new long[] {1})))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("Axis 1");
    assertThatThrownBy(
            () -> run(new ReduceSum(true, false), counting(2), Tensor.of(new long[] {0, -1})))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void integersAreExactAndBoolsHaveAnOrder() {
    Tensor x = Tensor.of(new long[] {(1L << 53) + 1, 1, -5});
    assertThat(run(new ReduceSum(false, false), x).getLong(0)).isEqualTo((1L << 53) - 3);
    assertThat(run(new ReduceMin(false, false), x).getLong(0)).isEqualTo(-5);
    assertThat(run(new ReduceMean(false, false), Tensor.of(new int[] {-3, -4})).getInt(0))
        .isEqualTo(-3);
    assertThat(run(new ReduceL2(false, false), Tensor.of(new int[] {3, 4})).getInt(0)).isEqualTo(5);
    Tensor unsigned = Tensor.over(DType.UINT64, Shape.of(2), new long[] {-1, 1});
    assertThat(run(new ReduceMax(false, false), unsigned).getLong(0)).isEqualTo(-1);
    Tensor bools = Tensor.of(new boolean[] {true, false});
    assertThat(run(new ReduceMax(false, false), bools).getBoolean(0)).isTrue();
    assertThat(run(new ReduceMin(false, false), bools).getBoolean(0)).isFalse();
    Tensor noBytes = Tensor.zeros(DType.INT8, Shape.of(0));
    assertThat(run(new ReduceMax(false, false), noBytes).getInt(0)).isEqualTo(-128);
  }

  @Test
  void logSumExpDoesNotOverflow() {
    Tensor x = Tensor.of(new float[] {1000, 1000});
    assertThat(run(new ReduceLogSumExp(false, false), x).getFloat(0))
        .isEqualTo((float) (1000 + Math.log(2)));
  }

  @Test
  void nanWins() {
    Tensor x = Tensor.of(new float[] {1, Float.NaN, 2});
    assertThat(run(new ReduceMax(false, false), x).getFloat(0)).isNaN();
    assertThat(run(new ReduceMin(false, false), x).getFloat(0)).isNaN();
  }

  @Test
  void unknownAxesLeaveWhatIsCertain() {
    Dim batch = new Dim.Symbol("batch");
    TensorType x = new TensorType(DType.FLOAT32, List.of(batch, Dim.of(3)));
    TensorType axes = TensorType.of(DType.INT64, 1);
    assertThat(infer(new ReduceSum(true, false), 1, x, axes))
        .containsExactly(TensorType.ofRank(DType.FLOAT32, 2));
    assertThat(infer(new ReduceSum(false, false), 1, x, axes))
        .containsExactly(TensorType.ofRank(DType.FLOAT32, 1));
    assertThat(infer(new ReduceSum(false, false), 1, x))
        .containsExactly(TensorType.of(DType.FLOAT32));
    assertThat(infer(new ArgMax(1, false, false), 1, x))
        .containsExactly(new TensorType(DType.INT64, List.of(batch)));
  }

  @Test
  void bestIndexIsTheFirstOrTheLast() {
    Tensor x = Tensor.of(new float[] {2, 7, 7, 1, 1, 9}, 2, 3);
    assertThat(run(new ArgMax(1, false, false), x).toLongArray()).containsExactly(1, 2);
    assertThat(run(new ArgMax(-1, true, true), x)).isEqualTo(Tensor.of(new long[] {2, 2}, 2, 1));
    assertThat(run(new ArgMin(1, false, true), x).toLongArray()).containsExactly(0, 1);
    assertThat(run(new ArgMin(0, false, false), x).toLongArray()).containsExactly(1, 1, 0);
    assertThatThrownBy(
            () -> run(new ArgMax(1, false, false), Tensor.zeros(DType.FLOAT32, Shape.of(2, 0))))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void cumulativeSumsRunBothWays() {
    Tensor x = Tensor.of(new int[] {1, 2, 3});
    Tensor axis = Tensor.scalar(0L);
    assertThat(run(new CumSum(false, false), x, axis).toIntArray()).containsExactly(1, 3, 6);
    assertThat(run(new CumSum(true, false), x, axis).toIntArray()).containsExactly(0, 1, 3);
    assertThat(run(new CumSum(false, true), x, axis).toIntArray()).containsExactly(6, 5, 3);
    assertThat(run(new CumSum(true, true), x, axis).toIntArray()).containsExactly(5, 3, 0);
  }

  @Test
  void softmaxFamilyAlongAnInnerAxis() {
    Tensor x = Tensor.of(new float[] {1000, 3, 1000, 1}, 2, 2);
    assertThat(run(new Softmax(0), x).toFloatArray())
        .containsExactly(new float[] {0.5f, 0.880797f, 0.5f, 0.119203f}, Offset.offset(1e-6f));
    assertThat(run(new LogSoftmax(0), x).toFloatArray())
        .containsExactly(
            new float[] {-0.6931472f, -0.126928f, -0.6931472f, -2.126928f}, Offset.offset(1e-6f));
    assertThat(run(new Hardmax(0), x).toFloatArray()).containsExactly(1, 1, 0, 0);
  }
}
