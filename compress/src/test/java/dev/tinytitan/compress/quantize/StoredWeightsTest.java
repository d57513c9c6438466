package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredWeightsTest {

  private static Tensor random(int... dims) {
    Random random = new Random(11);
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  private static double error(Tensor truth, Tensor other, float @Nullable [] importance) {
    double sum = 0;
    int columns = truth.shape().dim(-1);
    for (int i = 0; i < truth.size(); i++) {
      double difference = truth.getFloat(i) - other.getFloat(i);
      sum += difference * difference * (importance == null ? 1 : importance[i / columns]);
    }
    return sum;
  }

  @Test
  void channelsHaveTheirOwnScales() {
    Tensor weights = Tensor.of(new float[] {1, -2, 0.5f, 100, 50, -200}, 2, 3);
    ChannelQuantized stored = ChannelQuantized.quantize(weights, 0);
    assertThat(stored.values().dtype()).isEqualTo(DType.INT8);
    assertThat(stored.scales().toFloatArray()).containsExactly(2f / 127, 200f / 127);
    assertThat(stored.values().toIntArray()).containsExactly(64, -127, 32, 64, 32, -127);
    ChannelQuantized columns = ChannelQuantized.quantize(weights, 1);
    assertThat(columns.scales().size()).isEqualTo(3);
  }

  @Test
  void noWeightIsOffByMoreThanHalfAStep() {
    Tensor weights = random(5, 4, 3, 3);
    ChannelQuantized stored = ChannelQuantized.quantize(weights, 0);
    Tensor back = stored.dequantize();
    for (int i = 0; i < weights.size(); i++) {
      double step = stored.scales().getFloat(i / 36);
      assertThat((double) back.getFloat(i)).isCloseTo(weights.getFloat(i), within(step * 0.5001));
    }
  }

  @Test
  void deadChannelsStayZeroAndLeastScalesHold() {
    Tensor weights = Tensor.of(new float[] {0, 0, 1, -1}, 2, 2);
    assertThat(ChannelQuantized.quantize(weights, 0).dequantize().toFloatArray())
        .containsExactly(0, 0, 1, -1);
    ChannelQuantized coarse = ChannelQuantized.quantize(weights, 0, new float[] {0.25f, 0.5f});
    assertThat(coarse.scales().toFloatArray()).containsExactly(0.25f, 0.5f);
    assertThat(coarse.values().toIntArray()).containsExactly(0, 0, 2, -2);
  }

  @Test
  void blocksStoreWeightsOnTheGridExactly() {
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 16 - 5) * 0.25f;
    }
    BlockQuantized stored = BlockQuantized.quantize(Tensor.of(values, 64, 1), 0, 32, null);
    assertThat(stored.values().dtype()).isEqualTo(DType.UINT4);
    assertThat(stored.values().byteSize()).isEqualTo(32);
    assertThat(stored.scales().shape()).isEqualTo(Shape.of(2, 1));
    assertThat(stored.scales().toFloatArray()).containsExactly(0.25f, 0.25f);
    assertThat(stored.zeroPoints().toIntArray()).containsExactly(5, 5);
    assertThat(stored.dequantize().toFloatArray()).containsExactly(values);
  }

  @Test
  void theFirstOfTwoLevelsLiesInTheLowBits() {
    float[] values = new float[16];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Tensor levels = BlockQuantized.quantize(Tensor.of(values, 16, 1), 0, 16, null).values();
    assertThat(levels.rawBytes().get(0)).isEqualTo((byte) 0x10);
    assertThat(levels.rawBytes().get(1)).isEqualTo((byte) 0x32);
    assertThat(levels.rawBytes().get(7)).isEqualTo((byte) 0xFE);
  }

  @ParameterizedTest
  @CsvSource({"0, 16", "1, 16", "0, 32", "1, 64"})
  void theGraphsDequantizerGivesTheSameWeights(int axis, int blockSize) {
    Tensor weights = random(40, 50);
    BlockQuantized stored = BlockQuantized.quantize(weights, axis, blockSize, null);
    Node node = Node.of("dq", stored.dequantizer(), List.of("v", "s", "z"), List.of("w"));
    Tensor result =
        Interpreter.eval(node, List.of(stored.values(), stored.scales(), stored.zeroPoints()))
            .get(0);
    assertThat(result).isEqualTo(stored.dequantize());
    ChannelQuantized channels = ChannelQuantized.quantize(weights, axis);
    Node perChannel = Node.of("dq", channels.dequantizer(), List.of("v", "s"), List.of("w"));
    assertThat(Interpreter.eval(perChannel, List.of(channels.values(), channels.scales())).get(0))
        .isEqualTo(channels.dequantize());
  }

  @Test
  void searchedRangesBeatTheWidestOnes() {
    Tensor weights = random(64, 8);
    double searched =
        error(weights, BlockQuantized.quantize(weights, 0, 32, null).dequantize(), null);
    double widest = 0;
    for (int column = 0; column < 8; column++) {
      for (int block = 0; block < 2; block++) {
        float low = 0;
        float high = 0;
        for (int i = 0; i < 32; i++) {
          float weight = weights.getFloat((block * 32 + i) * 8 + column);
          low = Math.min(low, weight);
          high = Math.max(high, weight);
        }
        float scale = (high - low) / 15;
        double zero = Math.rint(-low / scale);
        for (int i = 0; i < 32; i++) {
          float weight = weights.getFloat((block * 32 + i) * 8 + column);
          double level = Math.clamp(Math.rint(weight / scale) + zero, 0, 15);
          widest += Math.pow((level - zero) * scale - weight, 2);
        }
      }
    }
    assertThat(searched).isLessThan(0.97 * widest);
  }

  @Test
  void importantRowsAreStoredBetter() {
    Tensor weights = random(64, 16);
    float[] importance = new float[64];
    for (int i = 0; i < 64; i++) {
      importance[i] = i % 8 == 0 ? 100 : 0.1f;
    }
    double with =
        error(
            weights, BlockQuantized.quantize(weights, 0, 32, importance).dequantize(), importance);
    double without =
        error(weights, BlockQuantized.quantize(weights, 0, 32, null).dequantize(), importance);
    assertThat(with).isLessThan(0.7 * without);
  }

  @Test
  void zerosStayZeros() {
    BlockQuantized stored =
        BlockQuantized.quantize(Tensor.zeros(DType.FLOAT32, Shape.of(32, 2)), 0, 32, null);
    assertThat(stored.dequantize()).isEqualTo(Tensor.zeros(DType.FLOAT32, Shape.of(32, 2)));
  }
}
