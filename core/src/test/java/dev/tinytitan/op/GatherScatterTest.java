package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatherScatterTest {
  @Test
  void gatherPutsTheIndexShapeInTheAxisPlace() {
    Tensor y = run(new Gather(-2), counting(2, 3, 2), Tensor.of(new int[] {-1, 0}, 1, 2));
    assertThat(y).isEqualTo(Tensor.of(new float[] {4, 5, 0, 1, 10, 11, 6, 7}, 2, 1, 2, 2));
    assertThat(run(new Gather(0), Tensor.of(new String[] {"a", "b"}), Tensor.scalar(1L)))
        .isEqualTo(Tensor.of(new String[] {"b"}).reshape(Shape.scalar()));
    assertThat(run(new Gather(0), counting(2, 3), Tensor.of(new long[0])).shape())
        .isEqualTo(Shape.of(0, 3));
    assertThatThrownBy(() -> run(new Gather(0), counting(2), Tensor.scalar(2L)))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("Index 2 is out of range");
    assertThatThrownBy(() -> run(new Gather(0), counting(0), Tensor.scalar(0L)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void gatherMovesPackedElements() {
    Tensor nibbles = Tensor.zeros(DType.INT4, Shape.of(3));
    for (int i = 0; i < 3; i++) {
      nibbles.setLong(i, i - 2);
    }
    assertThat(run(new Gather(0), nibbles, Tensor.of(new long[] {2, 0, 1})).toLongArray())
        .containsExactly(0, -2, -1);
  }

  @Test
  void gatherElementsTakesFewerIndicesThanData() {
    Tensor y =
        run(new GatherElements(1), counting(3, 3), Tensor.of(new long[] {2, 0, -1, 1}, 2, 2));
    assertThat(y).isEqualTo(Tensor.of(new float[] {2, 0, 5, 4}, 2, 2));
    assertThatThrownBy(
            () -> run(new GatherElements(0), counting(1, 2), Tensor.of(new long[3], 1, 3)))
        .hasMessageContaining("reach beyond");
  }

  @Test
  void gatherNdWithBatchDimensions() {
    Tensor indices = Tensor.of(new long[] {1, 0}, 2, 1);
    assertThat(run(new GatherND(1), counting(2, 2, 2), indices))
        .isEqualTo(Tensor.of(new float[] {2, 3, 4, 5}, 2, 2));
    assertThat(run(new GatherND(0), counting(2, 2, 2), indices))
        .isEqualTo(Tensor.of(new float[] {4, 5, 6, 7, 0, 1, 2, 3}, 2, 2, 2));
    assertThat(run(new GatherND(0), counting(2, 2), Tensor.of(new long[] {-1, -2}, 2)))
        .isEqualTo(Tensor.scalar(2f));
    assertThatThrownBy(() -> run(new GatherND(0), counting(2), Tensor.of(new long[] {0, 0}, 1, 2)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @ParameterizedTest
  @CsvSource({"NONE, 3", "ADD, 12", "MUL, 60", "MAX, 5", "MIN, 3"})
  void scatterReducesDuplicatesInOrder(ScatterReduction reduction, float expected) {
    Tensor data = Tensor.of(new float[] {1, 5, 2});
    Tensor updates = Tensor.of(new float[] {4, 3, 3});
    // The last update of index 1 wins where nothing is reduced.
    Tensor indices = Tensor.of(new long[] {1, -2, 0});
    Tensor elements = run(new ScatterElements(0, reduction), data, indices, updates);
    assertThat(elements.getFloat(1)).isEqualTo(expected);
    assertThat(elements.getFloat(2)).isEqualTo(2);
    Tensor slices = run(new ScatterND(reduction), data, indices.reshape(Shape.of(3, 1)), updates);
    assertThat(slices).isEqualTo(elements);
    assertThat(data.toFloatArray()).containsExactly(1, 5, 2);
  }

  @Test
  void scatterOfUnsignedAndNaN() {
    Tensor big = Tensor.zeros(DType.UINT64, Shape.of(1));
    big.setLong(0, -1);
    Tensor small = Tensor.zeros(DType.UINT64, Shape.of(1));
    Tensor index = Tensor.of(new long[] {0});
    assertThat(run(new ScatterElements(0, ScatterReduction.MAX), small, index, big).getLong(0))
        .isEqualTo(-1);
    assertThat(
            run(
                    new ScatterElements(0, ScatterReduction.MIN),
                    Tensor.of(new float[] {1}),
                    index,
                    Tensor.of(new float[] {Float.NaN}))
                .getFloat(0))
        .isNaN();
  }

  @Test
  void scatterNdOfSlicesAndNothing() {
    Tensor updated =
        run(
            new ScatterND(ScatterReduction.NONE),
            counting(2, 2),
            Tensor.of(new long[] {1}, 1, 1),
            Tensor.of(new float[] {8, 9}, 1, 2));
    assertThat(updated.toFloatArray()).containsExactly(0, 1, 8, 9);
    assertThat(
            run(
                new ScatterND(ScatterReduction.NONE),
                counting(2, 2),
                Tensor.of(new long[0], 0, 1),
                Tensor.of(new float[0], 0, 2)))
        .isEqualTo(counting(2, 2));
  }
}
