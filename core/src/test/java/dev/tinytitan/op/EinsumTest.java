package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.infer;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EinsumTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ij->ji | 0 2 1 3",
        "ij->i | 1 5",
        "ij->j | 2 4",
        "ij-> | 6",
        "ii | 3",
        "ii->i | 0 3",
        "ij | 0 1 2 3",
        "ba | 0 2 1 3",
        "...->... | 0 1 2 3",
        "i...->... | 2 4"
      })
  void oneOperand(String equation, String expected) {
    StringBuilder text = new StringBuilder();
    for (float value : run(new Einsum(equation), counting(2, 2)).toFloatArray()) {
      text.append((int) value).append(' ');
    }
    assertThat(text.toString().trim()).isEqualTo(expected);
  }

  @Test
  void productsOfMatrices() {
    Tensor a = counting(2, 3);
    Tensor b = counting(3, 2);
    assertThat(run(new Einsum("ij, jk -> ik"), a, b).toFloatArray())
        .containsExactly(10, 13, 28, 40);
    assertThat(run(new Einsum("ij,jk"), a, b).toFloatArray()).containsExactly(10, 13, 28, 40);
    assertThat(run(new Einsum("...ij,...jk->...ik"), counting(2, 2, 3), b).shape())
        .isEqualTo(Shape.of(2, 2, 2));
    assertThat(run(new Einsum("i,j->ij"), ones(2), counting(3)).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(run(new Einsum("a,a,a->"), counting(3), counting(3), counting(3)).getFloat(0))
        .isEqualTo(9);
    Tensor whole = Tensor.of(new long[] {1L << 40, 3}, 2);
    assertThat(run(new Einsum("i,i"), whole, whole).getLong(0)).isEqualTo(9);
  }

  @Test
  void sumsOfNothingAreZero() {
    Tensor none = Tensor.zeros(DType.FLOAT32, Shape.of(2, 0));
    assertThat(run(new Einsum("ij->i"), none).toFloatArray()).containsExactly(0, 0);
  }

  @Test
  void costCountsEveryProduct() {
    TensorType a = TensorType.of(DType.FLOAT32, 4, 2, 3);
    TensorType b = TensorType.of(DType.FLOAT32, 3, 5);
    List<TensorType> inputs = List.of(a, b);
    Einsum einsum = new Einsum("bij,jk->bik");
    assertThat(einsum.cost(inputs, infer(einsum, 1, a, b)).multiplyAdds()).isEqualTo(4 * 2 * 3 * 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ij->ik", "i-j", "ij->ii", "i1->i", "....i->i", "i.j->ij"})
  void brokenEquationsAreRefused(String equation) {
    assertThatThrownBy(() -> new Einsum(equation))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining(equation);
  }

  @Test
  void shapesMustFit() {
    assertThatThrownBy(() -> run(new Einsum("ij->i"), counting(2)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(new Einsum("i,i->"), counting(2), counting(3)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(new Einsum("i,i->"), counting(2)))
        .isInstanceOf(ShapeMismatchException.class);
  }
}
