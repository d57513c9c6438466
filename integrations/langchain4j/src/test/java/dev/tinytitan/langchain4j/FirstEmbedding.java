package dev.tinytitan.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A process that opens one of the two models, embeds a sentence, then a hundred: it prints a line
 * as soon as the first vector is there, then what memory it has taken.
 */
final class FirstEmbedding {
  static final String OURS = "ours";
  static final String THEIRS = "theirs";
  private static final int MORE = 100;

  private FirstEmbedding() {}

  /** Takes {@link #OURS} or {@link #THEIRS}. */
  public static void main(String[] args) throws IOException {
    EmbeddingModel model = args[0].equals(OURS) ? Ours.open() : Theirs.open();
    float[] vector = model.embed("How are you?").content().vector();
    System.out.printf(Locale.ROOT, "first %d %.6f %.6f%n", vector.length, vector[0], vector[1]);
    for (int i = 0; i < MORE; i++) {
      model.embed("Sentence " + i + " says that the pump in hall 7 runs hot.");
    }
    System.out.println("resident " + residentBytes());
  }

  /** Each in a class of its own, as the other is not on the class path. */
  private static final class Ours {
    static EmbeddingModel open() {
      return TinyTitanEmbeddingModel.allMiniLmL6V2();
    }
  }

  private static final class Theirs {
    static EmbeddingModel open() {
      return new AllMiniLmL6V2EmbeddingModel();
    }
  }

  /** The most memory that this process has had in RAM, or 0 where the system does not tell. */
  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }
}
