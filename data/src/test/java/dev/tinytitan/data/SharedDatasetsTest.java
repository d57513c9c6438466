package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SharedData;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The real data sets beside the project; what is expected of them stands in their READMEs. */
class SharedDatasetsTest {
  @Test
  void heartBeatsAreReadInBatches() {
    Path file = SharedData.require("datasets/mitbih/train.npz");
    try (Dataset data = Dataset.open(file, DatasetOptions.DEFAULT.withGroups("record"))) {
      assertThat(data.size()).isEqualTo(50_969);
      assertThat(data.dtype()).isEqualTo(DType.INT16);
      assertThat(data.sampleShape()).isEqualTo(Shape.of(128));
      Map<Long, Integer> counts = new HashMap<>();
      int batches = 0;
      for (Dataset.Batch batch : data.batches(1000)) {
        Tensor labels = batch.labels().orElseThrow();
        assertThat(batch.samples().shape().dim(0)).isEqualTo(labels.size());
        for (int i = 0; i < labels.size(); i++) {
          counts.merge(labels.getLong(i), 1, Integer::sum);
        }
        batches++;
      }
      assertThat(batches).isEqualTo(51);
      assertThat(counts).isEqualTo(Map.of(0L, 45_824, 1L, 943, 2L, 3788, 3L, 414));
      assertThat(data.groups().orElseThrow().toLongArray()).hasSize(50_969);
    }
  }

  @Test
  void bearingsAndWatchesAreRead() {
    try (Dataset bearings = open("cwru_bearing");
        Dataset watches = open("wisdm_watch")) {
      assertThat(bearings.sampleShape()).isEqualTo(Shape.of(1024));
      assertThat(bearings.size()).isEqualTo(1652);
      assertThat(watches.sampleShape()).isEqualTo(Shape.of(80, 3));
      assertThat(watches.inMemory().sample(6629)).isEqualTo(watches.sample(6629));
    }
  }

  @Test
  void messagesAreRead() {
    Path file = SharedData.require("datasets/sms_spam/train.tsv");
    try (Dataset data = Dataset.open(file, DatasetOptions.DEFAULT.withLabels("0"))) {
      assertThat(data.size()).isEqualTo(4460);
      assertThat(data.classNames()).containsExactly("ham", "spam");
      assertThat(data.sample(1).getString(0)).isEqualTo("Ok lar... Joking wif u oni...");
    }
  }

  private static Dataset open(String name) {
    return Dataset.open(SharedData.require("datasets/" + name + "/train.npz"));
  }
}
