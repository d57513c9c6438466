package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AttentionTest {
  private static final float NO_SCALE = Float.NaN;
  private static final Attention PLAIN = new Attention(false, NO_SCALE, 0, 0, 0, 0, 0);

  @Test
  void equalKeysGiveTheMeanOfTheValues() {
    Tensor y = run(PLAIN, ones(1, 1, 1, 2), ones(1, 1, 3, 2), counting(1, 1, 3, 2));
    assertThat(y.getFloat(0)).isCloseTo(2, Offset.offset(1e-6f));
    assertThat(y.getFloat(1)).isCloseTo(3, Offset.offset(1e-6f));
  }

  @Test
  void masksHideKeys() {
    Tensor mask = Tensor.of(new boolean[] {true, false, true}, 1, 3);
    Tensor v = counting(1, 1, 3, 1);
    assertThat(run(PLAIN, ones(1, 1, 1, 2), ones(1, 1, 3, 2), v, mask).getFloat(0))
        .isCloseTo(1, Offset.offset(1e-6f));
    // A mask of two columns hides the third key.
    Tensor added = Tensor.of(new float[] {0, 0}, 1, 2);
    assertThat(run(PLAIN, ones(1, 1, 1, 2), ones(1, 1, 3, 2), v, added).getFloat(0))
        .isCloseTo(0.5f, Offset.offset(1e-6f));
    Tensor counts = Tensor.of(new long[] {1});
    assertThat(
            run(PLAIN, ones(1, 1, 1, 2), ones(1, 1, 3, 2), v, null, null, null, counts).getFloat(0))
        .isEqualTo(0);
  }

  @Test
  void causalQueriesSeeThePastAndThemselves() {
    Attention causal = new Attention(true, NO_SCALE, 0, 0, 0, 0, 0);
    List<Tensor> results =
        runAll(
            causal,
            3,
            ones(1, 1, 2, 1),
            ones(1, 1, 2, 1),
            Tensor.of(new float[] {10, 20}, 1, 1, 2, 1),
            null,
            ones(1, 1, 1, 1),
            Tensor.of(new float[] {2}, 1, 1, 1, 1));
    assertThat(results.get(0).getFloat(0)).isCloseTo(6, Offset.offset(1e-5f));
    assertThat(results.get(0).getFloat(1)).isCloseTo(32f / 3, Offset.offset(1e-5f));
    assertThat(results.get(2).toFloatArray()).containsExactly(2, 10, 20);
  }

  @Test
  void headsLieSideBySideAndAreShared() {
    // Four query heads, two key heads, size 1; one key each, so that the values come through.
    Attention packed = new Attention(false, NO_SCALE, 0, 4, 2, 0, 0);
    Tensor y = run(packed, ones(1, 1, 4), ones(1, 1, 2), Tensor.of(new float[] {5, 7}, 1, 1, 2));
    assertThat(y.toFloatArray()).containsExactly(5, 5, 7, 7);
  }

  @Test
  void productsAreGivenAtEachStage() {
    Tensor q = Tensor.of(new float[] {2}, 1, 1, 1, 1);
    Tensor k = Tensor.of(new float[] {1, 3}, 1, 1, 2, 1);
    Tensor mask = Tensor.of(new float[] {1, 0}, 1, 2);
    float[][] expected = {
      {1, 3},
      {2, 3},
      {(float) (2 * Math.tanh(1)), (float) (2 * Math.tanh(1.5))}
    };
    for (int stage = 0; stage < 3; stage++) {
      Attention attention = new Attention(false, 0.5f, 2, 0, 0, stage, 0);
      assertThat(runAll(attention, 4, q, k, k, mask).get(3).toFloatArray())
          .containsExactly(expected[stage]);
    }
    Attention weights = new Attention(false, 0.5f, 2, 0, 0, 3, 0);
    float[] last = runAll(weights, 4, q, k, k, mask).get(3).toFloatArray();
    assertThat(last[0] + last[1]).isCloseTo(1, Offset.offset(1e-6f));
    assertThatThrownBy(() -> new Attention(false, 1, 0, 0, 0, 4, 0))
        .isInstanceOf(MalformedModelException.class);
  }

  @Test
  void refusesWhatDoesNotFitAndInfersWhatIsKnown() {
    assertThatThrownBy(() -> run(PLAIN, ones(1, 3, 1, 2), ones(1, 2, 3, 2), ones(1, 2, 3, 2)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(PLAIN, ones(1, 1, 6), ones(1, 1, 6), ones(1, 1, 6)))
        .isInstanceOf(ShapeMismatchException.class);
    TensorType unknown = TensorType.unknown(DType.FLOAT32);
    assertThat(RunOperator.infer(PLAIN, 1, unknown, unknown, unknown).get(0)).isEqualTo(unknown);
  }

  @Test
  void rotaryEmbeddingTurnsPairs() {
    // A quarter turn: cosine 0, sine 1.
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 1, 4);
    Tensor cosines = Tensor.of(new float[] {0, 0}, 1, 1, 2);
    Tensor sines = Tensor.of(new float[] {1, 1}, 1, 1, 2);
    assertThat(run(new RotaryEmbedding(false, 0, 0), x, cosines, sines).toFloatArray())
        .containsExactly(-3, -4, 1, 2);
    assertThat(run(new RotaryEmbedding(true, 0, 0), x, cosines, sines).toFloatArray())
        .containsExactly(-2, 1, -4, 3);
    // Two of four elements, by position ids.
    Tensor table = Tensor.of(new float[] {1, 0}, 2, 1);
    Tensor other = Tensor.of(new float[] {0, 1}, 2, 1);
    Tensor first = Tensor.of(new long[] {1}, 1, 1);
    assertThat(run(new RotaryEmbedding(false, 0, 2), x, table, other, first).toFloatArray())
        .containsExactly(-2, 1, 3, 4);
    Tensor beyond = Tensor.of(new long[] {2}, 1, 1);
    assertThatThrownBy(() -> run(new RotaryEmbedding(false, 0, 2), x, table, other, beyond))
        .isInstanceOf(ShapeMismatchException.class);
  }
}
