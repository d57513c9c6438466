package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.floats;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.op.Resize.AspectRatio;
import dev.tinytitan.op.Resize.Coordinates;
import dev.tinytitan.op.Resize.Mode;
import dev.tinytitan.op.Resize.NearestMode;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeTest {
  private static Resize along(
      Mode mode, Coordinates coordinates, NearestMode nearest, AspectRatio ratio, int... axes) {
    return new Resize(
        mode,
        coordinates,
        nearest,
        -0.75f,
        false,
        7,
        false,
        Arrays.stream(axes).boxed().toList(),
        ratio);
  }

  @ParameterizedTest
  @CsvSource({
    // Places 0.5, 2 and 3.5 of six elements.
    "ROUND_PREFER_FLOOR, '0 2 4'",
    "ROUND_PREFER_CEIL, '1 3 5'",
    "FLOOR, '0 2 4'",
    "CEIL, '1 3 5'",
  })
  void nearestModesDifferAtHalves(NearestMode mode, String expected) {
    Tensor y =
        run(
            Resize.of(Mode.NEAREST, Coordinates.HALF_PIXEL, mode),
            counting(6),
            null,
            Tensor.of(new float[] {0.5f}));
    assertThat(y.toFloatArray()).containsExactly(floats(expected));
  }

  @Test
  void placesOnElementsAreHitInSpiteOfRoundedScales() {
    Tensor y =
        run(
            Resize.of(Mode.NEAREST, Coordinates.ASYMMETRIC, NearestMode.FLOOR),
            counting(10),
            null,
            Tensor.of(new float[] {0.6f}));
    assertThat(y.toFloatArray()).containsExactly(0, 1, 3, 5, 6, 8);
  }

  @ParameterizedTest
  @CsvSource({
    "HALF_PIXEL, '0 0.25 0.75 1'",
    "HALF_PIXEL_SYMMETRIC, '0 0.25 0.75 1'",
    "PYTORCH_HALF_PIXEL, '0 0.25 0.75 1'",
    "ALIGN_CORNERS, '0 0.333333 0.666667 1'",
    "ASYMMETRIC, '0 0.5 1 1'",
    "TF_HALF_PIXEL_FOR_NN, '0.25 0.75 1 1'",
    "TF_CROP_AND_RESIZE, '0 0.333333 0.666667 1'",
  })
  void coordinateModesOnALine(Coordinates coordinates, String expected) {
    Tensor y =
        run(
            Resize.of(Mode.LINEAR, coordinates, NearestMode.FLOOR),
            counting(2),
            null,
            null,
            Tensor.of(new long[] {4}));
    assertThat(y.toFloatArray()).containsExactly(floats(expected), within(1e-5f));
  }

  @Test
  void cropTakesTheExtrapolationValueOutside() {
    Resize resize =
        along(
            Mode.LINEAR,
            Coordinates.TF_CROP_AND_RESIZE,
            NearestMode.FLOOR,
            AspectRatio.STRETCH,
            -1);
    Tensor y =
        run(
            resize,
            counting(1, 3),
            Tensor.of(new float[] {0.5f, 1.5f}),
            null,
            Tensor.of(new long[] {3}));
    assertThat(y.toFloatArray()).containsExactly(1, 2, 7);
  }

  @Test
  void aspectRatioIsKeptForTheNamedAxes() {
    Tensor x = counting(1, 4, 6);
    Tensor sizes = Tensor.of(new long[] {8, 9});
    assertThat(
            run(
                    along(
                        Mode.NEAREST,
                        Coordinates.HALF_PIXEL,
                        NearestMode.FLOOR,
                        AspectRatio.NOT_LARGER,
                        1,
                        2),
                    x,
                    null,
                    null,
                    sizes)
                .shape())
        .isEqualTo(Shape.of(1, 6, 9));
    assertThat(
            run(
                    along(
                        Mode.NEAREST,
                        Coordinates.HALF_PIXEL,
                        NearestMode.FLOOR,
                        AspectRatio.NOT_SMALLER,
                        1,
                        2),
                    x,
                    null,
                    null,
                    sizes)
                .shape())
        .isEqualTo(Shape.of(1, 8, 12));
  }

  @Test
  void emptyScalesMeanSizes() {
    Tensor none = Tensor.of(new float[0]);
    assertThat(
            run(
                    Resize.of(Mode.NEAREST, Coordinates.ASYMMETRIC, NearestMode.FLOOR),
                    counting(2),
                    none,
                    none,
                    Tensor.of(new long[] {3}))
                .toFloatArray())
        .containsExactly(0, 0, 1);
  }

  @Test
  void antialiasAveragesWhatIsLeftOut() {
    Resize resize =
        new Resize(
            Mode.LINEAR,
            Coordinates.HALF_PIXEL,
            NearestMode.FLOOR,
            -0.75f,
            true,
            0,
            true,
            List.of(),
            AspectRatio.STRETCH);
    Tensor x = Tensor.of(new float[] {0, 8, 0, 8, 0, 8, 0, 8});
    // The triangle over four elements: weights 1/8, 3/8, 3/8, 1/8; cut at the borders.
    assertThat(run(resize, x, null, Tensor.of(new float[] {0.5f})).toFloatArray())
        .containsExactly(new float[] {24 / 7f, 4, 4, 32 / 7f}, within(1e-5f));
  }

  @Test
  void integersAreKeptInRange() {
    Tensor x = Tensor.ofUnsigned(new byte[] {0, (byte) 255, (byte) 255, 0});
    Tensor y =
        run(
            Resize.of(Mode.CUBIC, Coordinates.HALF_PIXEL, NearestMode.FLOOR),
            x,
            null,
            Tensor.of(new float[] {2}));
    assertThat(y.dtype()).isEqualTo(DType.UINT8);
    assertThat(y.toIntArray()[3]).isEqualTo(255);
    assertThat(y.toIntArray()[0]).isZero();
  }

  @Test
  void hugeButEmptyResultsTakeNoMemory() {
    Tensor y =
        run(
            Resize.of(Mode.NEAREST, Coordinates.ASYMMETRIC, NearestMode.FLOOR),
            counting(1, 1),
            null,
            null,
            Tensor.of(new long[] {0, Integer.MAX_VALUE}));
    assertThat(y.shape()).isEqualTo(Shape.of(0, Integer.MAX_VALUE));
  }

  @Test
  void badScalesAreRefused() {
    Resize resize = Resize.of(Mode.NEAREST, Coordinates.ASYMMETRIC, NearestMode.FLOOR);
    assertThatThrownBy(() -> run(resize, counting(2), null, Tensor.of(new float[] {Float.NaN})))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(resize, counting(2), null, Tensor.of(new float[] {1e20f})))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(resize, counting(2, 2), null, Tensor.of(new float[] {1})))
        .hasMessageContaining("2 are needed");
    assertThatThrownBy(() -> run(resize, counting(0), null, null, Tensor.of(new long[] {2})))
        .hasMessageContaining("empty dimension");
  }
}
