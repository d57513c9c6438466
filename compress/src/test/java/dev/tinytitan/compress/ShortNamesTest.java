package dev.tinytitan.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import org.junit.jupiter.api.Test;

class ShortNamesTest {
  private static final SmallImages IMAGES = new SmallImages();

  @Test
  void theSameModelInFewerBytes() {
    Model model =
        new Quantizer(QuantizationOptions.of(Scheme.INT8).withThreads(1))
            .quantize(SmallImages.network(), IMAGES.samples, Samples.none())
            .model();
    Model small = Model.load(ShortNames.of(model).toBytes());

    assertThat(small.graph().inputs()).isEqualTo(model.graph().inputs());
    assertThat(small.graph().outputs()).isEqualTo(model.graph().outputs());
    assertThat(small.graph().nodes().stream().map(Node::name))
        .doesNotHaveDuplicates()
        .filteredOn(
            name -> model.graph().outputs().stream().map(Value::name).noneMatch(name::equals))
        .allMatch(name -> name.length() <= 2);
    assertThat(small.toBytes().length).isLessThan(model.toBytes().length * 4 / 5);
    try (Session before = model.open();
        Session after = small.open()) {
      for (int i = 0; i < 8; i++) {
        Sample sample = IMAGES.samples.get(i);
        assertThat(after.run(sample.inputs())).isEqualTo(before.run(sample.inputs()));
      }
    }
  }

  @Test
  void namesThatAreShortAlreadyAreNotTakenTwice() {
    Model once = ShortNames.of(SmallImages.network());
    assertThat(ShortNames.of(once).graph()).isEqualTo(once.graph());
  }
}
