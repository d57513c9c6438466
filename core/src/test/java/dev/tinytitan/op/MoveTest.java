package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.floats;
import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Cutting, joining, turning and padding. */
class MoveTest {
  private static Tensor longs(long... values) {
    return Tensor.of(values);
  }

  private static Tensor sequence(DType dtype, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      if (dtype == DType.STRING) {
        tensor.stringArray()[i] = "s" + i;
      } else if (dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128) {
        tensor.setComplex(i, 0, i);
        tensor.setComplex(i, 1, -i);
      } else if (dtype.bits() <= 8) {
        tensor.setRawBits(i, dtype == DType.BOOL ? i & 1 : i);
      } else {
        tensor.setLong(i, i);
      }
    }
    return tensor;
  }

  @ParameterizedTest
  @EnumSource
  void transposeMovesEveryElementType(DType dtype) {
    Tensor x = sequence(dtype, 2, 3);
    Tensor y = run(Transpose.of(), x);
    assertThat(y.shape()).isEqualTo(Shape.of(3, 2));
    int[] order = {0, 3, 1, 4, 2, 5};
    Tensor expected = Tensor.zeros(dtype, Shape.of(3, 2));
    for (int i = 0; i < order.length; i++) {
      expected.copyElement(i, x, order[i]);
    }
    assertThat(y).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void runsOfEveryElementTypeStayWhole(DType dtype) {
    Tensor x = sequence(dtype, 3, 3);
    Tensor rows = run(new Gather(0), x, longs(2, 0));
    Tensor joined = run(new Concat(0), rows, run(new Slice(), x, longs(1), longs(2)));
    assertThat(joined).isEqualTo(run(new Gather(0), x, longs(2, 0, 1)));
    for (int i = 0; i < 9; i++) {
      Tensor expected = Tensor.zeros(dtype, Shape.of(1));
      expected.copyElement(0, x, (i / 3 + 2) % 3 * 3 + i % 3);
      Tensor element = Tensor.zeros(dtype, Shape.of(1));
      element.copyElement(0, joined, i);
      assertThat(element).isEqualTo(expected);
    }
  }

  @Test
  void transposeOfScalarsAndEmptyTensors() {
    assertThat(run(Transpose.of(), Tensor.scalar(5f))).isEqualTo(Tensor.scalar(5f));
    assertThat(run(Transpose.of(2, 0, 1), counting(2, 0, 3)).shape()).isEqualTo(Shape.of(3, 2, 0));
    assertThatThrownBy(() -> run(Transpose.of(0, 0), counting(2, 2)))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("not a permutation");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 3, 1, '0 1 2'",
    "-3, -1, 1, '2 3'",
    "4, 0, -2, '4 2'",
    "100, -100, -1, '4 3 2 1 0'",
    "-1, -6, -3, '4 1'",
    "3, 1, 1, ''",
    "1, 9223372036854775807, 3, '1 4'",
    "-9223372036854775808, 9223372036854775807, 9223372036854775807, '0'",
    "9223372036854775807, -9223372036854775808, -9223372036854775808, '4'",
    "0, -1, 1, '0 1 2 3'",
  })
  void sliceClampsAndCountsFromTheEnd(long start, long end, long step, String expected) {
    Tensor y = run(new Slice(), counting(5), longs(start), longs(end), longs(-1), longs(step));
    float[] values = floats(expected);
    assertThat(y.toFloatArray()).containsExactly(values);
  }

  @Test
  void sliceTakesInt32AndAbsentAxes() {
    Tensor y =
        run(
            new Slice(),
            counting(2, 3),
            Tensor.of(new int[] {1, 0}),
            Tensor.of(new int[] {2, Integer.MAX_VALUE}),
            null,
            Tensor.of(new int[] {1, 2}));
    assertThat(y).isEqualTo(Tensor.of(new float[] {3, 5}, 1, 2));
    assertThatThrownBy(() -> run(new Slice(), counting(2), longs(0), longs(1), longs(0), longs(0)))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("step of 0");
    assertThat(run(new Slice(), counting(0, 2), longs(-1), longs(-5), longs(0), longs(-1)).shape())
        .isEqualTo(Shape.of(0, 2));
  }

  @Test
  void sliceKeepsUnknownDimensionsThatStayWhole() {
    TensorType batch = new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("batch"), Dim.of(8)));
    assertThat(
            RunOperator.infer(
                    new Slice(),
                    1,
                    batch,
                    TensorType.of(DType.INT64, 1),
                    TensorType.of(DType.INT64, 1))
                .get(0))
        .isEqualTo(new TensorType(DType.FLOAT32, List.of(Dim.UNKNOWN, Dim.of(8))));
  }

  @Test
  void splitEquallyUnevenlyAndBySizes() {
    Tensor x = counting(2, 5);
    List<Tensor> parts = runAll(new Split(-1, 3), 3, x);
    assertThat(parts.get(0)).isEqualTo(Tensor.of(new float[] {0, 1, 5, 6}, 2, 2));
    assertThat(parts.get(2)).isEqualTo(Tensor.of(new float[] {4, 9}, 2, 1));
    parts = runAll(new Split(1, 0), 3, x, longs(0, 4, 1));
    assertThat(parts.get(0).shape()).isEqualTo(Shape.of(2, 0));
    assertThat(parts.get(1)).isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 5, 6, 7, 8}, 2, 4));
    assertThat(runAll(new Split(0, 0), 2, x).get(1))
        .isEqualTo(Tensor.of(new float[] {5, 6, 7, 8, 9}, 1, 5));
    assertThatThrownBy(() -> runAll(new Split(1, 0), 2, x)).hasMessageContaining("equal parts");
    assertThatThrownBy(() -> runAll(new Split(1, 0), 2, x, longs(6, -1)))
        .hasMessageContaining("do not make up");
    assertThatThrownBy(() -> runAll(new Split(1, Integer.MAX_VALUE), 2, x))
        .hasMessageContaining("parts");
  }

  @Test
  void concatJoinsStringsAndEmptyParts() {
    assertThat(
            run(
                new Concat(-1),
                sequence(DType.STRING, 2, 1),
                sequence(DType.STRING, 2, 0),
                sequence(DType.STRING, 2, 2)))
        .isEqualTo(Tensor.of(new String[] {"s0", "s0", "s1", "s1", "s2", "s3"}, 2, 3));
    assertThatThrownBy(() -> run(new Concat(0), counting(2, 1), counting(2, 2)))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("do not fit along axis 0");
    TensorType symbolic = new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("n"), Dim.UNKNOWN));
    assertThat(
            RunOperator.infer(new Concat(1), 1, symbolic, TensorType.of(DType.FLOAT32, 4, 2))
                .get(0))
        .isEqualTo(new TensorType(DType.FLOAT32, List.of(Dim.of(4), Dim.UNKNOWN)));
  }

  @Test
  void squeezeAndUnsqueezeAreInverse() {
    Tensor x = counting(1, 3, 1, 2);
    assertThat(run(new Squeeze(), x).shape()).isEqualTo(Shape.of(3, 2));
    Tensor squeezed = run(new Squeeze(), x, longs(-2));
    assertThat(squeezed.shape()).isEqualTo(Shape.of(1, 3, 2));
    assertThat(run(new Unsqueeze(), squeezed, longs(2))).isEqualTo(x);
    assertThat(run(new Unsqueeze(), Tensor.scalar(1f), longs(-1, 0)).shape())
        .isEqualTo(Shape.of(1, 1));
    assertThatThrownBy(() -> run(new Squeeze(), x, longs(1))).hasMessageContaining("its size is 3");
    assertThatThrownBy(() -> run(new Unsqueeze(), x, longs(0, -6)))
        .hasMessageContaining("named twice");
  }

  @ParameterizedTest
  @CsvSource({
    "CONSTANT, 2, 1, '9 9 0 1 2 9'",
    "REFLECT, 2, 1, '2 1 0 1 2 1'",
    "REFLECT, 5, 0, '1 0 1 2 1 0 1 2'",
    "EDGE, 2, 1, '0 0 0 1 2 2'",
    "WRAP, 2, 4, '1 2 0 1 2 0 1 2 0'",
    "CONSTANT, -1, 2, '1 2 9 9'",
    "CONSTANT, -4, 3, '9 9'",
    "EDGE, -1, 2, '1 2 2 2'",
    "REFLECT, 1, -1, '1 0 1'",
    "CONSTANT, -1, -1, '1'",
  })
  void padFillsAndCuts(Pad.Mode mode, long begin, long end, String expected) {
    Tensor y = run(new Pad(mode), counting(2, 3), longs(begin, end), Tensor.scalar(9f), longs(-1));
    float[] row = floats(expected);
    assertThat(y.shape()).isEqualTo(Shape.of(2, row.length));
    for (int i = 0; i < row.length; i++) {
      assertThat(y.getFloat(i)).isEqualTo(row[i]);
      float second = row[i] == 9 ? 9 : row[i] + 3;
      assertThat(y.getFloat(row.length + i)).isEqualTo(second);
    }
  }

  @Test
  void padRefusesToInventElements() {
    assertThat(run(new Pad(Pad.Mode.CONSTANT), counting(0), longs(1, 1)).toFloatArray())
        .containsExactly(0, 0);
    assertThatThrownBy(() -> run(new Pad(Pad.Mode.EDGE), counting(0), longs(1, 1)))
        .hasMessageContaining("Nothing is left");
    assertThatThrownBy(() -> run(new Pad(Pad.Mode.EDGE), counting(2), longs(1)))
        .hasMessageContaining("two for each");
    assertThat(
            run(
                new Pad(Pad.Mode.CONSTANT),
                Tensor.of(new String[] {"a"}),
                longs(1, 0),
                Tensor.of(new String[] {"b"})))
        .isEqualTo(Tensor.of(new String[] {"b", "a"}));
  }

  @Test
  void expandAndTile() {
    assertThat(run(new Expand(), counting(3, 1), longs(2, 1, 2)))
        .isEqualTo(Tensor.of(new float[] {0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2}, 2, 3, 2));
    assertThat(run(new Expand(), counting(3, 1), longs(3, 0)).shape()).isEqualTo(Shape.of(3, 0));
    assertThat(run(new Expand(), Tensor.scalar(7f), longs(2)).toFloatArray()).containsExactly(7, 7);
    assertThat(run(new Tile(), counting(2, 2), longs(1, 2)))
        .isEqualTo(Tensor.of(new float[] {0, 1, 0, 1, 2, 3, 2, 3}, 2, 4));
    assertThat(run(new Tile(), counting(2, 2), longs(2, 0)).shape()).isEqualTo(Shape.of(4, 0));
    assertThat(run(new Tile(), Tensor.scalar(7f), longs())).isEqualTo(Tensor.scalar(7f));
    assertThatThrownBy(() -> run(new Tile(), counting(2), longs(-1)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void hostileRanksAreRefusedBeforeTheyAreAllocated() {
    TensorType huge = TensorType.of(DType.INT64, Integer.MAX_VALUE);
    TensorType data = TensorType.of(DType.FLOAT32, 2);
    assertThatThrownBy(() -> RunOperator.infer(new Expand(), 1, data, huge))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> RunOperator.infer(new Unsqueeze(), 1, data, huge))
        .isInstanceOf(ShapeMismatchException.class);
    assertThat(RunOperator.infer(new Slice(), 1, data, huge, huge).get(0))
        .isEqualTo(TensorType.ofRank(DType.FLOAT32, 1));
  }
}
