package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.compress.ArchiveSize;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusteredTest {

  private static double error(Tensor weights, StoredWeights stored) {
    Tensor back = stored.dequantize();
    double sum = 0;
    for (int i = 0; i < weights.size(); i++) {
      double difference = weights.getFloat(i) - back.getFloat(i);
      sum += difference * difference;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"2, UINT2", "4, UINT2", "5, UINT4", "16, UINT4", "17, UINT8", "256, UINT8"})
  void indicesAreStoredInAsFewBitsAsTheyNeed(int clusters, DType dtype) {
    Clustered stored = Clustered.of(TestGraphs.random(1, 1, 40, 50), clusters, null);
    assertThat(stored.values().dtype()).isEqualTo(dtype);
    assertThat(stored.codebook().toFloatArray()).hasSize(clusters).isSorted();
  }

  @Test
  void weightsOfFewValuesAreKeptExactly() {
    float[] values = new float[300];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 5 * 0.3f - 1.1f;
    }
    Tensor weights = Tensor.of(values, 30, 10);
    Tensor back = Clustered.of(weights, 16, null).dequantize();
    for (int i = 0; i < values.length; i++) {
      assertThat(back.getFloat(i)).isEqualTo(values[i]);
    }
  }

  @Test
  void codebooksBeatEvenGridsOfAsManyValues() {
    Tensor weights = TestGraphs.random(2, 1, 64, 128);
    ChannelQuantized grid = ChannelQuantized.quantize(weights.reshape(weights.shape()), 0, 4, null);
    assertThat(error(weights, Clustered.of(weights, 16, null)))
        .isLessThan(0.9 * error(weights, grid));
  }

  @Test
  void zerosOfPrunedWeightsStay() {
    float[] values = TestGraphs.random(3, 1, 1000).toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]) < 1.2f ? 0 : values[i];
    }
    Tensor weights = Tensor.of(values, 50, 20);
    Tensor back = Clustered.of(weights, 8, null).dequantize();
    for (int i = 0; i < values.length; i++) {
      assertThat(back.getFloat(i) == 0).isEqualTo(values[i] == 0);
    }
    TreeSet<Float> distinct = new TreeSet<>();
    for (float value : back.toFloatArray()) {
      distinct.add(value);
    }
    assertThat(distinct).hasSize(8);
  }

  @Test
  void importanceDrawsTheCodebook() {
    Tensor weights = TestGraphs.random(4, 1, 400, 2);
    float[] importance = new float[800];
    Arrays.fill(importance, 1);
    for (int i = 0; i < 800; i++) {
      importance[i] = weights.getFloat(i) > 0 ? 100 : 1;
    }
    double plain = 0;
    double drawn = 0;
    Tensor one = Clustered.of(weights, 4, null).dequantize();
    Tensor other = Clustered.of(weights, 4, importance).dequantize();
    for (int i = 0; i < 800; i++) {
      plain += importance[i] * Math.pow(weights.getFloat(i) - one.getFloat(i), 2);
      drawn += importance[i] * Math.pow(weights.getFloat(i) - other.getFloat(i), 2);
    }
    assertThat(drawn).isLessThan(0.8 * plain);
  }

  @Test
  void allZerosAreFine() {
    Tensor zeros = Tensor.of(new float[64], 8, 8);
    assertThat(Clustered.of(zeros, 4, null).dequantize()).isEqualTo(zeros);
  }

  @Test
  void archivesOfClustersAreSmallerThanTheirFiles() {
    QuantizationResult result =
        new Quantizer(QuantizationOptions.of(Scheme.CLUSTERS).withClusters(16))
            .quantize(TestGraphs.words());
    assertThat(result.ratio()).isGreaterThan(6);
    long archive = ArchiveSize.of(result.model());
    assertThat(archive).isEqualTo(ArchiveSize.of(result.model())).isLessThan(result.bytesAfter());
  }

  @Test
  void otherCountsAreRefused() {
    QuantizationOptions options = QuantizationOptions.of(Scheme.CLUSTERS);
    assertThatThrownBy(() -> options.withClusters(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.withClusters(257))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.withRounding(Rounding.GPTQ))
        .hasMessageContaining("goes with schemes of integers");
  }
}
