package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogMelTest {
  private static final LogMel.Options OPTIONS = LogMel.Options.of(8000);

  private static float[] tone(double hertz, int samples) {
    float[] sound = new float[samples];
    for (int i = 0; i < samples; i++) {
      sound[i] = (float) (0.5 * Math.sin(2 * Math.PI * hertz * i / OPTIONS.rate()));
    }
    return sound;
  }

  /** The band whose centre is nearest on the mel scale is the loudest, in each frame. */
  @ParameterizedTest
  @ValueSource(doubles = {300, 1000, 2500})
  void toneIsLoudestInItsBand(double hertz) {
    try (LogMel mel = LogMel.of(OPTIONS)) {
      float[] features = mel.features(tone(hertz, 4000));
      int frames = OPTIONS.frames(4000);
      assertThat(features).hasSize(OPTIONS.bands() * frames);
      double low = mels(OPTIONS.low());
      double width = (mels(OPTIONS.high()) - low) / (OPTIONS.bands() + 1);
      long expected = Math.round((mels(hertz) - low) / width) - 1;
      for (int frame = 0; frame < frames; frame++) {
        int loudest = 0;
        for (int band = 1; band < OPTIONS.bands(); band++) {
          if (features[band * frames + frame] > features[loudest * frames + frame]) {
            loudest = band;
          }
        }
        assertThat((long) loudest).isBetween(expected - 1, expected + 1);
      }
    }
  }

  private static double mels(double hertz) {
    return 2595 * Math.log10(1 + hertz / 700);
  }

  @Test
  void silenceIsFiniteAndShortSoundsAreRefused() {
    try (LogMel mel = LogMel.of(OPTIONS)) {
      assertThat(mel.features(new float[2000])).containsOnly((float) Math.log(1e-6f));
      assertThatThrownBy(() -> mel.features(new float[10]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shorter than a frame");
    }
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> new LogMel.Options(8000, 256, 128, 32, 60, 5000))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
