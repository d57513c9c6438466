package dev.tinytitan.compress.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataCheckTest {
  private static final Model MODEL = Blobs.trained();
  private static final Samples GOOD = Blobs.samples(600, 1);

  private static List<String> check(Samples training, Samples others, double maxDrop) {
    return DataCheck.check(
        MODEL,
        new SearchData(training, others, others),
        SearchOptions.of(Objective.SIZE, maxDrop, Metric.accuracy()));
  }

  private static Samples labelled(Samples samples, int label) {
    return Samples.of(samples.size(), i -> Sample.of(samples.get(i).inputs(), label));
  }

  @Test
  void goodDataPassWithoutAWord() {
    assertThat(check(GOOD, GOOD, 1)).isEmpty();
  }

  @Test
  void fewSamplesToCalibrateWithAreSaidWithTheNumber() {
    assertThat(check(GOOD.first(40), GOOD, 1))
        .singleElement()
        .asString()
        .startsWith("Only 40 samples to calibrate with; 100 or more");
  }

  @Test
  void labelsOutOfRange() {
    assertThatThrownBy(() -> check(GOOD, labelled(GOOD, 3), 1))
        .isInstanceOf(BadDataException.class)
        .hasMessage(
            "The label of sample 0 of the validation part is 3, but the model knows the classes 0"
                + " to 2.");
    assertThatThrownBy(() -> check(labelled(GOOD, -1), GOOD, 1))
        .hasMessageContaining("of the training part is -1");
  }

  @Test
  void missingLabels() {
    Samples bare = Samples.of(200, i -> Sample.of(GOOD.get(i).inputs()));
    assertThatThrownBy(() -> check(GOOD, bare, 1))
        .isInstanceOf(BadDataException.class)
        .hasMessage("Sample 0 of the validation part has no label.");
  }

  @Test
  void oneClassOnly() {
    assertThatThrownBy(() -> check(labelled(GOOD, 1), labelled(GOOD, 1), 1))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("All samples are of class 1");
  }

  @Test
  void emptyClasses() {
    Samples two =
        Samples.of(
            GOOD.size(),
            i -> Sample.of(GOOD.get(i).inputs(), GOOD.get(i).label().getAsInt() == 0 ? 0 : 2));
    assertThat(check(two, two, 1)).singleElement().asString().startsWith("No sample is of class 1");
  }

  @Test
  void aBudgetThatNoModelCouldBeShownToHold() {
    assertThatThrownBy(() -> check(GOOD, GOOD.first(100), 0.5))
        .isInstanceOf(OverBudgetException.class)
        .hasMessageContaining("cannot be shown at 95 % confidence on the 100 samples")
        .hasMessageContaining("at least 457 samples");
    assertThatThrownBy(() -> check(GOOD, GOOD, 0)).hasMessageContaining("Allow more than 0");
  }

  @Test
  void numbersThatAreNotFinite() {
    Samples broken =
        Samples.of(
            200,
            i ->
                i == 17
                    ? Sample.of(
                        Map.of(
                            "input", Tensor.of(new float[] {Float.NaN, 0, 0, 0, 0, 0, 0, 0}, 1, 8)),
                        1)
                    : GOOD.get(i));
    assertThatThrownBy(() -> new SearchData(broken, GOOD, GOOD).trainingData(0, true))
        .isInstanceOf(BadDataException.class)
        .hasMessage("Sample 17, element 0 is NaN: take it out, or repair it.");
  }

  @Test
  void dataTooFewForThreeParts() {
    assertThatThrownBy(() -> SearchData.split(GOOD.first(2), 1))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("too few groups to make three parts");
  }

  @Test
  void groupsStayTogether() {
    Samples grouped =
        new Samples() {
          @Override
          public int size() {
            return GOOD.size();
          }

          @Override
          public Sample get(int index) {
            return GOOD.get(index);
          }

          @Override
          public long group(int index) {
            return index % 20;
          }
        };
    SearchData data = SearchData.split(grouped, 1);
    assertThat(groups(data.training())).doesNotContainAnyElementsOf(groups(data.validation()));
    assertThat(groups(data.judging()))
        .doesNotContainAnyElementsOf(groups(data.training()))
        .doesNotContainAnyElementsOf(groups(data.validation()));
    assertThat(data.training().size() + data.validation().size() + data.judging().size())
        .isEqualTo(600);
  }

  private static List<Long> groups(Samples samples) {
    return IntStream.range(0, samples.size()).mapToObj(samples::group).distinct().toList();
  }
}
