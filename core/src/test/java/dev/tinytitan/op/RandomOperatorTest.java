package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomOperatorTest {

  @Test
  void generatorGivesTheNumbersOfNumPy() {
    MersenneTwister zero = new MersenneTwister(0);
    assertThat(zero.nextDouble()).isEqualTo(0.5488135039273248);
    assertThat(zero.nextDouble()).isEqualTo(0.7151893663724195);
    for (int i = 2; i < 999; i++) {
      zero.nextDouble();
    }
    assertThat(zero.nextDouble()).isEqualTo(0.6771411441114241);
    assertThat(new MersenneTwister(-1).nextDouble()).isEqualTo(0.0976320289940138);
    MersenneTwister normal = new MersenneTwister(42);
    assertThat(normal.nextGaussian()).isEqualTo(0.4967141530112327);
    assertThat(normal.nextGaussian()).isEqualTo(-0.13826430117118466);
    assertThat(normal.nextGaussian()).isEqualTo(0.6476885381006925);
  }

  @Test
  void seededOperatorsRepeatThemselves() {
    RandomNormal normal = new RandomNormal(DType.FLOAT32, 1, 2, 42f, List.of(2, 1));
    assertThat(run(normal)).isEqualTo(run(normal));
    assertThat(run(normal).getDouble(0)).isEqualTo((float) (1 + 2 * 0.4967141530112327));
    assertThat(normal.isNondeterministic()).isFalse();
    Tensor like = Tensor.zeros(DType.FLOAT64, Shape.of(3));
    Tensor uniform = run(new RandomUniformLike(null, -1, 1, 0f), like);
    assertThat(uniform.getDouble(0)).isEqualTo(2 * 0.5488135039273248 - 1);
    assertThat(new RandomUniformLike(null, -1, 1, null).isNondeterministic()).isTrue();
  }

  @Test
  void drawsFollowTheirProbabilities() {
    float[] probabilities = new float[3000];
    Arrays.fill(probabilities, 1000, 2000, 0.25f);
    Arrays.fill(probabilities, 2000, 3000, 1f);
    int[] draws = run(new Bernoulli(DType.INT32, 7f), Tensor.of(probabilities)).toIntArray();
    assertThat(Arrays.stream(draws, 0, 1000).sum()).isZero();
    assertThat(Arrays.stream(draws, 1000, 2000).sum()).isBetween(200, 300);
    assertThat(Arrays.stream(draws, 2000, 3000).sum()).isEqualTo(1000);
    Tensor logits = Tensor.of(new float[] {Float.NEGATIVE_INFINITY, 0, (float) Math.log(3)}, 1, 3);
    int[] samples = run(new Multinomial(DType.INT32, 1000, 7f), logits).toIntArray();
    assertThat(samples).doesNotContain(0);
    assertThat(Arrays.stream(samples).filter(sample -> sample == 1).count()).isBetween(200L, 300L);
  }

  @Test
  void dropoutKeepsAllButInTraining() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4});
    List<Tensor> inference = runAll(new Dropout(null), 2, x);
    assertThat(inference.get(0)).isEqualTo(x);
    assertThat(inference.get(1).toIntArray()).containsOnly(1);
    List<Tensor> training =
        runAll(new Dropout(0L), 2, x, Tensor.scalar(0.5625f), Tensor.of(new boolean[] {true}, 1));
    // The first draws are 0.549, 0.715, 0.603, 0.545.
    assertThat(training.get(0).toFloatArray()).containsExactly(0, 32 / 7f, 48 / 7f, 0);
    assertThat(training.get(1).toIntArray()).containsExactly(0, 1, 1, 0);
  }

  @Test
  void eyeHasADiagonal() {
    Tensor y = run(new EyeLike(DType.INT8, 1), Tensor.zeros(DType.FLOAT32, Shape.of(2, 3)));
    assertThat(y.toIntArray()).containsExactly(0, 1, 0, 0, 0, 1);
  }
}
