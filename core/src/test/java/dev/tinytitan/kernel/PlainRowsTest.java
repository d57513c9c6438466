package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.And;
import dev.tinytitan.op.ArgMax;
import dev.tinytitan.op.ArgMin;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.Equal;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.GatherElements;
import dev.tinytitan.op.Greater;
import dev.tinytitan.op.GreaterOrEqual;
import dev.tinytitan.op.Less;
import dev.tinytitan.op.LessOrEqual;
import dev.tinytitan.op.MatMulInteger;
import dev.tinytitan.op.Max;
import dev.tinytitan.op.Mean;
import dev.tinytitan.op.Min;
import dev.tinytitan.op.Mod;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.Not;
import dev.tinytitan.op.Or;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.SpaceToDepth;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Trilu;
import dev.tinytitan.op.Where;
import dev.tinytitan.op.Xor;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kernels that move elements agree with the operators' references, whatever the dtype. */
class PlainRowsTest {
  private static final List<DType> DTYPES =
      List.of(DType.FLOAT32, DType.INT64, DType.UINT8, DType.INT32, DType.BOOL);

  private final KernelCheck check = new KernelCheck(new PortableEngine());

  private static Tensor counting(DType dtype, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, dtype == DType.BOOL ? i % 2 : i % 100);
    }
    return tensor;
  }

  @Test
  void concatenates() {
    for (DType dtype : DTYPES) {
      for (int axis = -1; axis < 4; axis++) {
        Tensor a = counting(dtype, 2, 3, 4, 5);
        Tensor b = counting(dtype, a.shape().withDim(axis, 2).toArray());
        Tensor empty = counting(dtype, a.shape().withDim(axis, 0).toArray());
        assertThat(check.check(new Concat(axis), 0, a, b, empty)).isEqualTo(2);
        assertThat(check.check(new Concat(axis), 1, a, b)).isEqualTo(2);
      }
      assertThat(check.check(new Concat(0), 0, counting(dtype, 3), counting(dtype, 4)))
          .isPositive();
    }
  }

  @Test
  void splits() {
    for (DType dtype : DTYPES) {
      for (int axis = 0; axis < 4; axis++) {
        Tensor x = counting(dtype, 4, 4, 4, 4);
        Tensor sizes = Tensor.of(new long[] {1, 3});
        assertThat(check.check(new Split(axis, 0), new boolean[] {false, true}, 2, x, sizes))
            .isPositive();
      }
    }
  }

  @Test
  void transposes() {
    for (DType dtype : DTYPES) {
      Tensor x = counting(dtype, 2, 3, 4, 5);
      for (List<Integer> perm :
          List.of(
              List.<Integer>of(),
              List.of(0, 1, 2, 3),
              List.of(0, 2, 1, 3),
              List.of(0, 3, 1, 2),
              List.of(3, 2, 0, 1))) {
        assertThat(check.check(new Transpose(perm), 0, x)).isPositive();
      }
      assertThat(check.check(new Transpose(List.of(1, 0)), 0, counting(dtype, 0, 3))).isPositive();
    }
  }

  @Test
  void expands() {
    for (DType dtype : DTYPES) {
      Tensor shape = Tensor.of(new long[] {2, 3, 4});
      assertThat(check.check(new Expand(), 1, counting(dtype, 3, 1), shape)).isPositive();
      assertThat(check.check(new Expand(), 1, counting(dtype, 4), shape)).isPositive();
      assertThat(check.check(new Expand(), 1, counting(dtype), shape)).isPositive();
    }
  }

  @Test
  void gathers() {
    for (DType dtype : DTYPES) {
      Tensor x = counting(dtype, 3, 4, 5);
      Tensor longs = Tensor.of(new long[] {2, 0, -1, 1}, 2, 2);
      Tensor ints = Tensor.of(new int[] {0, -3});
      for (int axis = 0; axis < 3; axis++) {
        assertThat(check.check(new Gather(axis), 0, x, longs)).isPositive();
        assertThat(check.check(new Gather(axis), new boolean[] {true, false}, 1, x, ints))
            .isPositive();
      }
    }
  }

  @Test
  void namesAnIndexOutOfRange() {
    Tensor table = counting(DType.FLOAT32, 3, 2);
    Tensor index = Tensor.of(new long[] {1});
    KernelRequest request = KernelCheck.request(new Gather(0), table, index);
    KernelRow row =
        PlainRows.all().stream()
            .filter(each -> each.operator() == Gather.class)
            .findFirst()
            .orElseThrow();
    Kernel kernel = row.make(request);
    index.setLong(0, 3);
    Tensor[] outputs = {Tensor.zeros(DType.FLOAT32, Shape.of(1, 2))};
    assertThatThrownBy(
            () -> kernel.run(new Tensor[] {table, index}, outputs, new Scratch(0, 0, 0), 0, 1))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("Index 3 is out of range for an axis of 3 elements");
  }

  @Test
  void casts() {
    List<DType> dtypes =
        List.of(
            DType.FLOAT32,
            DType.INT64,
            DType.INT32,
            DType.UINT8,
            DType.INT8,
            DType.BOOL,
            DType.FLOAT64,
            DType.FLOAT16);
    for (DType from : dtypes) {
      for (DType to : dtypes) {
        assertThat(check.check(new Cast(to), 0, counting(from, 2, 3, 4))).isPositive();
      }
    }
    Tensor special = Tensor.of(new float[] {Float.NaN, 1e20f, -2.7f, -0f, 300});
    for (DType to : dtypes) {
      assertThat(check.check(new Cast(to), 0, special)).isPositive();
    }
  }

  private static Tensor longs(long... values) {
    return Tensor.of(values);
  }

  @Test
  void movesElementsToConstantPlaces() {
    for (DType dtype : DTYPES) {
      Tensor x = counting(dtype, 2, 4, 4, 6);
      assertThat(
              check.check(new Slice(), 4, x, longs(1, -1), longs(9, 0), longs(1, 3), longs(2, -2)))
          .isEqualTo(4);
      for (Pad.Mode mode : Pad.Mode.values()) {
        Tensor fill = counting(dtype);
        assertThat(check.check(new Pad(mode), 2, x, longs(0, 1, 2, 0, 0, 0, 1, -1), fill))
            .isEqualTo(4);
      }
      assertThat(check.check(new Tile(), 1, x, longs(1, 2, 1, 3))).isEqualTo(4);
      assertThat(check.check(new Tile(), 1, x, longs(1, 0, 1, 3))).isEqualTo(4);
      assertThat(check.check(new SpaceToDepth(2), 0, x)).isEqualTo(4);
      Tensor places = longs(3, 0, -1, 1, 2, 2).reshape(Shape.of(2, 3, 1, 1));
      assertThat(check.check(new GatherElements(1), 1, x, places)).isEqualTo(4);
      assertThat(check.check(new GatherElements(1), 0, x, places)).isZero();
    }
    assertThat(check.check(new Trilu(true), 0, counting(DType.FLOAT32, 5, 4))).isEqualTo(4);
  }

  @Test
  void comparesAndChoosesBroadcast() {
    for (DType dtype : List.of(DType.FLOAT32, DType.INT64, DType.INT32, DType.UINT8)) {
      Tensor a = counting(dtype, 2, 3, 1, 5);
      Tensor b = counting(dtype, 3, 4, 1);
      for (Operator comparison :
          List.of(
              new Equal(), new Greater(), new GreaterOrEqual(), new Less(), new LessOrEqual())) {
        assertThat(check.check(comparison, 0, a, b)).isPositive();
      }
      Tensor condition = counting(DType.BOOL, 4, 5);
      assertThat(check.check(new Where(), 0, condition, a, b)).isPositive();
      assertThat(check.check(new Max(), 0, a, b, counting(dtype))).isPositive();
      assertThat(check.check(new Min(), 0, a, a)).isPositive();
    }
    Tensor numbers = Tensor.of(new float[] {Float.NaN, -0f, 0, Float.NEGATIVE_INFINITY, 3, 1});
    assertThat(check.check(new LessOrEqual(), 1, numbers, Tensor.scalar(0f))).isPositive();
    assertThat(check.check(new Max(), 0, numbers, Tensor.scalar(1f))).isPositive();
    assertThat(check.check(new Pow(), 1, numbers, Tensor.scalar(3f))).isPositive();
    assertThat(check.check(new Mean(), 0, numbers, numbers, Tensor.scalar(1f))).isPositive();
    Tensor none = Tensor.zeros(DType.FLOAT32, Shape.of(0, 6));
    assertThat(check.check(new Where(), 0, counting(DType.BOOL, 6), none, numbers)).isPositive();
  }

  @Test
  void computesWithIntegersAndBools() {
    for (DType dtype : List.of(DType.INT64, DType.INT32, DType.UINT8)) {
      Tensor a = counting(dtype, 2, 3, 5);
      Tensor b = counting(dtype, 5);
      for (Operator operator :
          List.of(new Add(), new Sub(), new Mul(), new Div(), new Mod(false))) {
        assertThat(check.check(operator, 0, a, b)).isPositive();
      }
    }
    assertThat(check.check(new Neg(), 0, counting(DType.INT64, 3, 4))).isPositive();
    Tensor bools = counting(DType.BOOL, 2, 4);
    for (Operator operator : List.of(new And(), new Or(), new Xor())) {
      assertThat(check.check(operator, 0, bools, counting(DType.BOOL, 4))).isPositive();
    }
    assertThat(check.check(new Not(), 0, bools)).isPositive();
  }

  @Test
  void findsTheBest() {
    Tensor x = Tensor.of(new float[] {1, 3, 3, -0f, 0, Float.NaN, 2, Float.NaN}, 2, 2, 2);
    for (int axis = -1; axis < 3; axis++) {
      for (boolean last : new boolean[] {true, false}) {
        assertThat(check.check(new ArgMax(axis, true, last), 0, x)).isPositive();
        assertThat(check.check(new ArgMin(axis, false, last), 0, x)).isPositive();
      }
    }
  }

  @Test
  void gathersPackedElements() {
    Tensor table = Tensor.zeros(DType.UINT4, Shape.of(5, 6));
    for (int i = 0; i < table.size(); i++) {
      table.setLong(i, i % 16);
    }
    Tensor rows = Tensor.of(new long[] {4, 0, -2});
    assertThat(check.check(new Gather(0), 0, table, rows)).isPositive();
    assertThat(check.check(new Gather(1), 0, table, rows)).isZero();
  }

  @Test
  void dequantizes() {
    for (DType dtype : List.of(DType.UINT8, DType.INT8, DType.INT4, DType.UINT4)) {
      Tensor x = counting(dtype, 3, 8, 2);
      assertThat(check.check(new DequantizeLinear(1), 0, x, Tensor.scalar(0.5f))).isPositive();
      assertThat(
              check.check(
                  new DequantizeLinear(0),
                  0,
                  x,
                  Tensor.of(new float[] {1, 2, 3}),
                  counting(dtype, 3)))
          .isPositive();
      Tensor blocks = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 2, 2);
      assertThat(
              check.check(
                  new DequantizeLinear(-2, 4, null), 0, x, blocks, counting(dtype, 3, 2, 2)))
          .isPositive();
      // Blocks of the last axis, the last one short; an odd number of elements.
      Tensor last = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
      DequantizeLinear along = new DequantizeLinear(1, 4, null);
      Tensor zeros = counting(dtype, 3, 2);
      assertThat(check.check(along, 0, counting(dtype, 3, 7), last, zeros)).isPositive();
    }
  }

  @Test
  void multipliesStacksOfIntegers() {
    for (DType dtype : List.of(DType.UINT8, DType.INT8)) {
      Tensor zero = counting(dtype);
      zero.setLong(0, 5);
      Tensor a = counting(dtype, 2, 3, 4, 5);
      Tensor columns = counting(DType.UINT8, 6);
      assertThat(check.check(new MatMulInteger(), 0, a, counting(DType.INT8, 2, 3, 5, 7), zero))
          .isPositive();
      assertThat(check.check(new MatMulInteger(), 0, a, counting(DType.UINT8, 5, 6), zero, columns))
          .isPositive();
      assertThat(check.check(new MatMulInteger(), 0, a, counting(DType.INT8, 3, 5, 7))).isZero();
    }
  }

  @Test
  void quantizesByTheRangeOfTheElements() {
    for (float[] x : new float[][] {{-1, 2.5f, 0.3f, 1e-9f}, {3, 4}, {0, 0}, {}}) {
      assertThat(check.check(new DynamicQuantizeLinear(), new boolean[] {false}, 3, Tensor.of(x)))
          .isPositive();
    }
  }
}
