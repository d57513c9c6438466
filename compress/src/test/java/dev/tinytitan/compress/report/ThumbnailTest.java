package dev.tinytitan.compress.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThumbnailTest {

  private static BufferedImage picture(Tensor tensor) throws IOException {
    String uri = Thumbnail.of(tensor).orElseThrow().dataUri();
    byte[] png = Base64.getDecoder().decode(uri.substring("data:image/png;base64,".length()));
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static Tensor waves(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    int length = dims[dims.length - 1];
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) Math.sin(i % length * 0.1 + Math.floorDiv(i, length)));
    }
    return tensor;
  }

  private static Set<Integer> colours(BufferedImage image) {
    Set<Integer> colours = new HashSet<>();
    for (int i = 0; i < image.getWidth() * image.getHeight(); i++) {
      colours.add(image.getRGB(i % image.getWidth(), i / image.getWidth()));
    }
    return colours;
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 128, 3000})
  void signalsBecomeCurves(int length) throws IOException {
    assertThat(colours(picture(waves(1, length)))).hasSize(2);
    assertThat(colours(picture(waves(1, 2, length)))).hasSizeBetween(2, 3);
    BufferedImage image = picture(waves(1, 1, length));
    for (int column = 0; column < image.getWidth(); column++) {
      int drawn = 0;
      for (int row = 0; row < image.getHeight(); row++) {
        drawn += image.getRGB(column, row) >>> 24 == 255 ? 1 : 0;
      }
      assertThat(drawn).as("pixels of column %d", column).isBetween(2, image.getHeight());
    }
  }

  @Test
  void whatIsFlatIsNotDrawn() throws IOException {
    Tensor signal = waves(1, 4, 100);
    for (int i = 100; i < 300; i++) {
      signal.setFloat(i, 3);
    }
    assertThat(colours(picture(signal))).hasSizeBetween(2, 3);
    assertThat(colours(picture(Tensor.zeros(DType.FLOAT32, Shape.of(1, 3, 50))))).hasSize(1);
  }

  @Test
  void imagesStayImages() throws IOException {
    assertThat(picture(waves(1, 28, 28)).getWidth()).isEqualTo(28);
    assertThat(picture(waves(1, 3, 20, 30)).getWidth()).isEqualTo(30);
    assertThat(Thumbnail.of(waves(1, 8))).isEmpty();
    assertThat(Thumbnail.of(Tensor.of(new long[64], 1, 64))).isEmpty();
  }
}
