package dev.tinytitan.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * English sentences written for this project, to calibrate quantized sentence encoders with and to
 * judge them by: health, vehicles, factories, weather, cooking, law, sport, science, shopping,
 * support tickets, code, travel, news, questions, commands, chat and more, of 3 to 60 words each.
 */
public final class Sentences {
  private Sentences() {}

  /** More than 420 sentences to calibrate with. None of them is in {@link #evaluation()}. */
  public static List<String> calibration() {
    return read("sentences.txt");
  }

  /** More than 520 sentences to judge by. None of them is in {@link #calibration()}. */
  public static List<String> evaluation() {
    return read("evaluation-sentences.txt");
  }

  private static List<String> read(String resource) {
    try (InputStream in = Sentences.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The resource " + resource + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
