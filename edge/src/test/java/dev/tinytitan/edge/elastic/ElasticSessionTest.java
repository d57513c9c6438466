package dev.tinytitan.edge.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ElasticSessionTest {
  private static final SessionOptions ONE_THREAD = SessionOptions.defaults().withThreads(1);

  private static ElasticModel elastic;
  private static TrainingData data;

  @BeforeAll
  static void train() {
    elastic = SmallElastic.train(SmallElastic.options());
    data = SmallElastic.data(800, 5);
  }

  private static Tensor sample(int index) {
    Tensor sample = Tensor.of(new float[SmallElastic.SIZE * SmallElastic.SIZE], 1, 1, 8, 8);
    CascadeSession.fill(sample, data, index);
    return sample;
  }

  @Test
  void everyPointAnswersAsItsModelAlone() {
    try (ElasticSession session = ElasticSession.open(elastic, ONE_THREAD)) {
      assertThat(session.point().name()).isEqualTo("w100-d2");
      for (ElasticPoint point : elastic.points()) {
        session.use(point.point());
        float[] answer = session.run(sample(0)).toFloatArray().clone();
        try (var alone = elastic.at(point).open(ONE_THREAD)) {
          assertThat(answer)
              .isEqualTo(
                  alone
                      .run(java.util.Map.of("input", sample(0)))
                      .values()
                      .iterator()
                      .next()
                      .toFloatArray());
        }
      }
      assertThatThrownBy(() -> session.use(new OperatingPoint("other", 0.5, 1, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void exitsAnswerEarlyAndComputeNothingTwice() {
    ElasticPoint full = elastic.points().getFirst();
    try (CascadeSession session = CascadeSession.open(elastic, full, ONE_THREAD)) {
      CascadeSession.Answer late = session.run(sample(1));
      assertThat(late.exit()).isEqualTo(1);
      long head = 4 * 4 * 8 * SmallElastic.CLASSES;
      assertThat(late.multiplyAdds()).isEqualTo(full.point().multiplyAdds() + head);
      ExitPolicy policy = session.calibrate(data, 0.02);
      assertThat(policy.dropBound()).isLessThanOrEqualTo(0.02);
      long spent = 0;
      for (int i = 0; i < 200; i++) {
        spent += session.run(sample(i)).multiplyAdds();
      }
      assertThat(spent).isLessThan(200 * full.point().multiplyAdds());
    }
  }

  @Test
  void separateModelsMakeACascade() {
    ElasticPoint small = elastic.point("w50-d2");
    ElasticPoint large = elastic.point("w100-d2");
    try (CascadeSession session =
        CascadeSession.of(List.of(elastic.at(small), elastic.at(large)), ONE_THREAD)) {
      assertThat(session.run(sample(0)).multiplyAdds())
          .isEqualTo(small.point().multiplyAdds() + large.point().multiplyAdds());
      session.setPolicy(new ExitPolicy(List.of(1.0), 0, 0));
      assertThat(session.run(sample(0)).multiplyAdds()).isEqualTo(small.point().multiplyAdds());
      assertThatThrownBy(() -> session.setPolicy(new ExitPolicy(List.of(), 0, 0)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void noEarlyAnswerWhereTheDataCannotAllowIt() {
    float[][] sure = {{0.9f, 0.1f}, {0.9f, 0.1f}, {0.9f, 0.1f}, {0.9f, 0.1f}};
    float[][] right = {{0.1f, 0.9f}, {0.9f, 0.1f}, {0.1f, 0.9f}, {0.9f, 0.1f}};
    ExitPolicy policy = ExitPolicy.calibrate(List.of(sure, right), new int[] {1, 0, 1, 0}, 0.005);
    assertThat(policy.takes(0, sure[0])).isFalse();
    assertThatThrownBy(() -> ExitPolicy.calibrate(List.of(sure, right), new int[0], 0.1))
        .isInstanceOf(BadDataException.class);
  }
}
