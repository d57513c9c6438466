package dev.tinytitan.codegen.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Generated AArch64 functions, run under emulation, equal the operators' references bit for bit.
 */
class ArmKernelTest {
  @TempDir private static Path folder;
  private static EmulatedArm arm;

  private final Random random = new Random(31);

  @BeforeAll
  static void assembleTheHarness() throws IOException {
    arm = new EmulatedArm(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 4, 8",
    "4, 16, 8",
    "5, 17, 9",
    "3, 8, 3",
    "2, 31, 16",
    "7, 64, 12",
    "25, 64, 64"
  })
  void matrixProductsAreExact(int rows, int depth, int filters) throws IOException {
    for (ArmIsa isa : new ArmIsa[] {ArmIsa.DOTPROD, ArmIsa.I8MM}) {
      for (boolean signed : new boolean[] {false, true}) {
        QuantizedOutput output = output(signed);
        ArmMatrixProduct product =
            new ArmMatrixProduct(isa, rows, depth, filters, signed, rounding(output));
        byte[] activations = bytes(rows * depth);
        byte[] weights = bytes(filters * depth);
        int[] bias = random.ints(filters, -20_000, 20_000).toArray();
        float[] multipliers = multipliers(product.padded(), depth);
        byte[] result =
            arm.run(
                product.code(),
                rows * filters,
                random.nextBoolean(),
                activations,
                product.pack(weights),
                littleEndian(product.padBias(bias, weights)),
                littleEndian(multipliers));
        byte[] expected = new byte[rows * filters];
        for (int row = 0; row < rows; row++) {
          for (int filter = 0; filter < filters; filter++) {
            int sum = bias[filter];
            for (int k = 0; k < depth; k++) {
              sum += value(activations[row * depth + k], signed) * weights[filter * depth + k];
            }
            expected[row * filters + filter] = (byte) output.requantize(sum, multipliers[filter]);
          }
        }
        assertThat(result).as("%s, signed: %s", isa, signed).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 3, 8, 3, 3, 1", "7, 6, 16, 3, 3, 2", "5, 9, 24, 1, 5, 1", "12, 7, 64, 3, 3, 1"})
  void depthwiseConvolutionsAreExact(
      int height, int width, int channels, int kernelHeight, int kernelWidth, int stride)
      throws IOException {
    for (boolean signed : new boolean[] {false, true}) {
      QuantizedOutput output = output(signed);
      ArmDepthwise depthwise =
          new ArmDepthwise(
              height, width, channels, kernelHeight, kernelWidth, stride, signed, rounding(output));
      int taps = kernelHeight * kernelWidth;
      byte[] image = bytes(height * width * channels);
      byte[] weights = bytes(taps * channels);
      ByteBuffer wide = ByteBuffer.allocate(2 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
      for (byte weight : weights) {
        wide.putShort(weight);
      }
      int[] bias = random.ints(channels, -5000, 5000).toArray();
      float[] multipliers = multipliers(channels, taps);
      byte[] result =
          arm.run(
              depthwise.code(),
              depthwise.outputHeight() * depthwise.outputWidth() * channels,
              random.nextBoolean(),
              image,
              wide.array(),
              littleEndian(bias),
              littleEndian(multipliers));
      byte[] expected = new byte[result.length];
      for (int i = 0; i < expected.length; i++) {
        int channel = i % channels;
        int x = i / channels % depthwise.outputWidth() * stride;
        int y = i / channels / depthwise.outputWidth() * stride;
        int sum = bias[channel];
        for (int tap = 0; tap < taps; tap++) {
          int place = (y + tap / kernelWidth) * width + x + tap % kernelWidth;
          sum +=
              value(image[place * channels + channel], signed) * weights[tap * channels + channel];
        }
        expected[i] = (byte) output.requantize(sum, multipliers[channel]);
      }
      assertThat(result).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 29, 4096})
  void requantizationIsExact(int count) throws IOException {
    QuantizedOutput output = output(count % 2 == 0);
    float multiplier = 0.00390625f * (1 + random.nextInt(3));
    int[] sums = random.ints(count, -60_000, 60_000).toArray();
    sums[0] = 128; // half a step and its neighbours go to even
    Code code = new ArmElementwise(count, rounding(output)).requantize(multiplier);
    byte[] expected = new byte[count];
    for (int i = 0; i < count; i++) {
      expected[i] = (byte) output.requantize(sums[i], multiplier);
    }
    assertThat(arm.run(code, count, true, littleEndian(sums))).isEqualTo(expected);
    assertThat(arm.run(code, count, false, littleEndian(sums))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 13, 5000})
  void additionIsExact(int count) throws IOException {
    for (boolean signed : new boolean[] {false, true}) {
      QuantizedOutput output = output(signed);
      IntegerAdd add = new IntegerAdd(0.7312f, 3, 1.193f, signed ? -7 : 128, output);
      byte[] first = bytes(count);
      byte[] second = bytes(count);
      Code code =
          new ArmElementwise(count, ArmRounding.cutTo(output.low(), output.high()))
              .add(add.aRatio(), signed, add.bRatio(), !signed, add.fixed());
      byte[] expected = new byte[count];
      for (int i = 0; i < count; i++) {
        expected[i] = (byte) add.apply(value(first[i], signed), value(second[i], !signed));
      }
      assertThat(arm.run(code, count, random.nextBoolean(), first, second)).isEqualTo(expected);
    }
  }

  @Test
  void theHarnessSeesWhatLeavesItsMemory() {
    Code code = new ArmElementwise(16, ArmRounding.of(0, 255, 0)).requantize(1);
    assertThatThrownBy(() -> arm.run(code, 16, true, new byte[4 * 15]))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ended with");
  }

  @Test
  void whatCannotBeGeneratedIsRefused() {
    ArmRounding rounding = ArmRounding.of(0, 255, 0);
    assertThatThrownBy(() -> new ArmDepthwise(3, 3, 12, 3, 3, 1, false, rounding))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("multiple of 8");
    assertThatThrownBy(() -> new ArmDepthwise(2, 3, 8, 3, 3, 1, false, rounding))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("window");
    assertThatThrownBy(() -> new ArmMatrixProduct(ArmIsa.NEON, 1, 1, 1, true, rounding))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ArmMatrixProduct(ArmIsa.I8MM, 0, 1, 1, true, rounding))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
  }

  /** An output with a narrowed range. */
  private static QuantizedOutput output(boolean signed) {
    return signed
        ? new QuantizedOutput(DType.INT8, -5, -128, 100)
        : new QuantizedOutput(DType.UINT8, 117, 20, 255);
  }

  private static ArmRounding rounding(QuantizedOutput output) {
    return ArmRounding.of(output.low(), output.high(), output.zeroPoint());
  }

  private static int value(byte stored, boolean signed) {
    return signed ? stored : stored & 0xFF;
  }

  private byte[] bytes(int count) {
    byte[] values = new byte[count];
    random.nextBytes(values);
    return values;
  }

  /** Such that most results are within the range. */
  private float[] multipliers(int count, int terms) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (0.5f + random.nextFloat()) * 0.005f / (float) Math.sqrt(terms);
    }
    return values;
  }

  private static byte[] littleEndian(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(values);
    return buffer.array();
  }

  private static byte[] littleEndian(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }
}
