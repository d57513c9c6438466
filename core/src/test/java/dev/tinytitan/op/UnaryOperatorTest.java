package dev.tinytitan.op;

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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UnaryOperatorTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private static float[] floats(double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  static Stream<Arguments> functions() {
    return Stream.of(
        arguments(new Abs(), floats(-2, -INF, NAN), floats(2, INF, NAN)),
        arguments(new Neg(), floats(2, -INF, NAN), floats(-2, INF, NAN)),
        arguments(new Sign(), floats(-3, 0, 5, NAN), floats(-1, 0, 1, NAN)),
        arguments(new Ceil(), floats(-1.5, 1.2, INF), floats(-1, 2, INF)),
        arguments(new Floor(), floats(-1.5, 1.8, -INF), floats(-2, 1, -INF)),
        arguments(new Round(), floats(0.5, 1.5, 2.5, -0.5, -1.5), floats(0, 2, 2, 0, -2)),
        arguments(new Sqrt(), floats(4, 0, -1, INF), floats(2, 0, NAN, INF)),
        arguments(new Exp(), floats(0, 1, -INF, 100), floats(1, Math.E, 0, INF)),
        arguments(new Log(), floats(1, 0, -1, INF), floats(0, -INF, NAN, INF)),
        arguments(new Sin(), floats(0, INF), floats(0, NAN)),
        arguments(new Cos(), floats(0, INF), floats(1, NAN)),
        arguments(new Tan(), floats(0, Math.PI / 4), floats(0, 1)),
        arguments(new Asin(), floats(1, 2), floats(Math.PI / 2, NAN)),
        arguments(new Acos(), floats(1, -2), floats(0, NAN)),
        arguments(new Atan(), floats(INF, 1), floats(Math.PI / 2, Math.PI / 4)),
        arguments(new Sinh(), floats(0, 1), floats(0, 1.1752012)),
        arguments(new Cosh(), floats(0, 1), floats(1, 1.5430806)),
        arguments(new Tanh(), floats(0, INF, -INF), floats(0, 1, -1)),
        arguments(new Asinh(), floats(0, 1, -1e-8, INF), floats(0, 0.88137359, -1e-8, INF)),
        arguments(new Acosh(), floats(1, 2, 0.5, INF), floats(0, 1.3169579, NAN, INF)),
        arguments(new Atanh(), floats(0, 0.5, 1, 2), floats(0, 0.54930614, INF, NAN)),
        arguments(new Reciprocal(), floats(4, 0, -INF), floats(0.25, INF, 0)),
        arguments(new Sigmoid(), floats(0, 200, -200, NAN), floats(0.5, 1, 0, NAN)),
        arguments(new HardSigmoid(0.2f, 0.5f), floats(0, 3, -3, NAN), floats(0.5, 1, 0, NAN)),
        arguments(new HardSwish(), floats(-4, 0, 3, 4), floats(0, 0, 3, 4)),
        arguments(new Softplus(), floats(0, 1000, -1000), floats(0.6931472, 1000, 0)),
        arguments(new Softsign(), floats(1, -3), floats(0.5, -0.75)),
        arguments(new Mish(), floats(0, 1, 50), floats(0, 0.86509836, 50)),
        arguments(new Relu(), floats(-1, 2, NAN), floats(0, 2, NAN)),
        arguments(new LeakyRelu(0.1f), floats(-10, 2), floats(-1, 2)),
        arguments(new Elu(2), floats(-1, 2), floats(-1.2642411, 2)),
        arguments(new Celu(2), floats(-2, 3), floats(-1.2642411, 3)),
        arguments(new Selu(1.5f, 2), floats(-1, 2), floats(-1.8963617, 4)),
        arguments(new ThresholdedRelu(1), floats(0.5, 1, 1.5), floats(0, 0, 1.5)),
        arguments(new Shrink(1, 1.5f), floats(-2, -1.5, 0, 1.5, 2), floats(-1, 0, 0, 0, 1)),
        arguments(new Swish(2), floats(0, 1, -1000), floats(0, 0.8807971, 0)),
        arguments(new Gelu(false), floats(-1, 0, 1, 10), floats(-0.15865526, 0, 0.84134475, 10)),
        arguments(new Gelu(true), floats(-1, 0, 1, 10), floats(-0.15880801, 0, 0.841192, 10)));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void givesKnownValues(UnaryOperator operator, float[] x, float[] expected) {
    assertThat(run(operator, Tensor.of(x)).toFloatArray())
        .containsExactly(expected, Offset.offset(1e-6f));
    Tensor wide = run(new Cast(DType.FLOAT64), Tensor.of(x));
    assertThat(run(operator, wide).toFloatArray()).containsExactly(expected, Offset.offset(1e-6f));
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1124629160182849",
    "0.5, 0.5204998778130465",
    "-1, -0.8427007929497149",
    "2, 0.9953222650189527",
    "3, 0.9999779095030014",
    "5.5, 0.9999999999999927",
    "1e-10, 1.1283791670955126e-10",
    "40, 1",
    "-Infinity, -1",
    "NaN, NaN",
    "0, 0"
  })
  void erfIsExactToTheLastDigits(double x, double expected) {
    assertThat(new Erf().apply(x)).isEqualTo(expected, Offset.offset(1e-15));
  }

  @Test
  void integersWrapAndKeepTheirSign() {
    Tensor bytes = Tensor.of(new byte[] {-128, -1, 0, 127});
    assertThat(run(new Abs(), bytes).toIntArray()).containsExactly(-128, 1, 0, 127);
    assertThat(run(new Neg(), bytes).toIntArray()).containsExactly(-128, 1, 0, -127);
    assertThat(run(new Sign(), bytes).toIntArray()).containsExactly(-1, -1, 0, 1);
    Tensor unsigned = Tensor.over(DType.UINT64, Shape.of(2), new long[] {-1, 0});
    assertThat(run(new Sign(), unsigned).toLongArray()).containsExactly(1, 0);
    assertThat(run(new Abs(), unsigned).toLongArray()).containsExactly(-1, 0);
    assertThat(run(new BitwiseNot(), bytes).toIntArray()).containsExactly(127, 0, -1, -128);
  }

  @Test
  void halfPrecisionIsComputedWideAndRoundedOnce() {
    Tensor x = Tensor.zeros(DType.FLOAT16, Shape.of(2));
    x.setFloat(0, 1.0009766f);
    x.setFloat(1, 65504);
    Tensor y = run(new Exp(), x);
    assertThat(y.getFloat(0)).isEqualTo(2.7207031f);
    assertThat(y.getFloat(1)).isEqualTo(INF);
  }

  @Test
  void doubleKeepsItsPrecision() {
    assertThat(run(new Exp(), Tensor.of(new double[] {1})).getDouble(0)).isEqualTo(Math.E);
  }

  @Test
  void emptyTensorsStayEmpty() {
    Tensor y = run(new Tanh(), Tensor.zeros(DType.FLOAT32, Shape.of(2, 0)));
    assertThat(y.shape()).isEqualTo(Shape.of(2, 0));
  }

  @Test
  void questionsGiveBools() {
    Tensor x = Tensor.of(new float[] {1, NAN, INF, -INF});
    assertThat(run(new IsNaN(), x)).isEqualTo(Tensor.of(new boolean[] {false, true, false, false}));
    assertThat(run(new IsInf(true, true), x).toIntArray()).containsExactly(0, 0, 1, 1);
    assertThat(run(new IsInf(false, true), x).toIntArray()).containsExactly(0, 0, 1, 0);
    assertThat(run(new IsInf(true, false), x).toIntArray()).containsExactly(0, 0, 0, 1);
    assertThat(run(new Not(), Tensor.of(new boolean[] {true, false})).toIntArray())
        .containsExactly(0, 1);
  }

  @Test
  void functionsOfRealNumbersRefuseIntegers() {
    assertThatThrownBy(() -> run(new Exp(), Tensor.of(new int[] {1})))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("Exp")
        .hasMessageContaining("int32");
  }

  @Test
  void unknownShapesPass() {
    TensorType symbolic =
        new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("batch"), Dim.of(3)));
    assertThat(RunOperator.infer(new Exp(), 1, symbolic)).containsExactly(symbolic);
    assertThat(RunOperator.infer(new IsNaN(), 1, TensorType.unknown(DType.FLOAT32)))
        .containsExactly(TensorType.unknown(DType.BOOL));
  }
}
