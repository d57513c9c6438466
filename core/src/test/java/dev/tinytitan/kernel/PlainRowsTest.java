package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Transpose;
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
    for (DType from : List.of(DType.INT64, DType.INT32, DType.BOOL)) {
      for (DType to : List.of(DType.FLOAT32, DType.INT64, DType.INT32)) {
        int taken = check.check(new Cast(to), 0, counting(from, 2, 3, 4));
        assertThat(taken > 0).isEqualTo(from != to);
      }
    }
  }
}
