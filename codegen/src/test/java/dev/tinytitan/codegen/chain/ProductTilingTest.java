package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.FloatSums;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which layers add up their sums in two parts, and what their blocks are. */
class ProductTilingTest {
  private static final ProductLayer.Window WINDOW = new ProductLayer.Window(3, 3, 1, 1, 1, 1, 1, 1);

  private static Buffer buffer(DType dtype, int size, int channels, int start) {
    Buffer buffer = new Buffer("b", dtype, size, size, channels, false);
    buffer.widen(1, 1, 1, 1, 0);
    buffer.place(start);
    return buffer;
  }

  private static ProductTiling tiling(ProductLayer layer, Isa isa) {
    VectorCode code = new VectorCode(new X86Assembler(Target.of(isa)));
    return ProductTiling.of(layer, isa, layer.arithmetic(code));
  }

  private static ProductTiling integers(Isa isa, int channels, int filters, int size) {
    float[] multipliers = new float[filters];
    IntegerSums sums =
        new IntegerSums(
            new short[filters * channels * 9],
            filters,
            new int[filters],
            multipliers,
            0,
            Requantization.of(QuantizedOutput.of(DType.UINT8, 0), multipliers));
    Buffer input = buffer(DType.UINT8, size, channels, 0);
    Buffer output = buffer(DType.UINT8, size, filters, input.byteSize());
    return tiling(new IntegerProductLayer("conv", input, output, WINDOW, sums, 1), isa);
  }

  private static ProductTiling floats(Isa isa, int channels, int filters, int size) {
    FloatSums sums =
        new FloatSums(new float[filters * channels * 9], new float[filters], Clipping.NONE);
    Buffer input = buffer(DType.FLOAT32, size, channels, 0);
    Buffer output = buffer(DType.FLOAT32, size, filters, input.byteSize());
    return tiling(new FloatProductLayer("conv", input, output, WINDOW, sums, 1), isa);
  }

  private static int filters(List<ProductTiling.Blocks> blocks) {
    int filters = 0;
    for (ProductTiling.Blocks each : blocks) {
      assertThat(each.first()).isEqualTo(filters);
      filters += (each.count() - 1) * each.layout().filters() + each.filters();
    }
    return filters;
  }

  @Test
  void halfAVectorOfFiltersFillsOne() {
    for (Isa isa : Isa.values()) {
      int half = isa.vectorBits() / 64;
      assertThat(integers(isa, 16, half, 28).steps()).as("%s", isa).isEqualTo(9 * 16 / 4 / 2);
      assertThat(floats(isa, 16, half, 28).steps()).as("%s", isa).isEqualTo(9 * 16 / 2);
      assertThat(integers(isa, 16, half, 28).blocks().get(0).layout())
          .isEqualTo(new FilterLayout(isa, 1, 2, true));
      assertThat(floats(isa, 16, half, 28).blocks().get(0).layout())
          .isEqualTo(new FilterLayout(isa, 1, 2, false));
    }
  }

  @Test
  void oneAndAHalfVectorsAreThreeHalves() {
    ProductTiling tiling = integers(Isa.AVX512_VNNI, 16, 24, 14);

    assertThat(tiling.parts()).isEqualTo(2);
    FilterLayout layout = tiling.blocks().get(0).layout();
    assertThat(layout.filters()).isEqualTo(24);
    assertThat(layout.wholeVectors()).isEqualTo(1);
    assertThat(layout.hasHalf()).isTrue();
  }

  @Test
  void wholeVectorsOfFewStepsStayWhole() {
    assertThat(integers(Isa.AVX512_VNNI, 16, 16, 28).parts()).isEqualTo(1);
    assertThat(integers(Isa.AVX512_VNNI, 16, 32, 14).parts()).isEqualTo(1);
  }

  @Test
  void onePlaceHasNoOtherToShareAVectorWith() {
    assertThat(integers(Isa.AVX512_VNNI, 64, 8, 1).parts()).isEqualTo(1);
    assertThat(floats(Isa.AVX512_VNNI, 64, 8, 1).parts()).isEqualTo(1);
  }

  @Test
  void runsThatAreNotReadInPairsArePaddedOrStayAsTheyAre() {
    // Three columns of five channels: floats behind them may be no numbers.
    assertThat(floats(Isa.AVX512, 5, 8, 14).parts()).isEqualTo(1);
    // Three columns of 20 channels are 15 times four bytes.
    ProductTiling tiling = integers(Isa.AVX512_VNNI, 20, 8, 14);
    assertThat(tiling.parts()).isEqualTo(2);
    assertThat(tiling.steps()).isEqualTo(3 * 8);
  }

  @Test
  void blocksCoverAllFilters() {
    for (Isa isa : Isa.values()) {
      for (int filters = 1; filters < 150; filters++) {
        assertThat(filters(integers(isa, 16, filters, 8).blocks())).isEqualTo(filters);
        assertThat(filters(floats(isa, 16, filters, 8).blocks())).isEqualTo(filters);
      }
    }
  }
}
