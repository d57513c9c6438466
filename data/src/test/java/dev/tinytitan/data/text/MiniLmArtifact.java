package dev.tinytitan.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The files of all-MiniLM-L6-v2 inside the LangChain4j artifact, a test dependency. */
final class MiniLmArtifact {
  private MiniLmArtifact() {}

  static WordPieceTokenizer tokenizer() throws IOException {
    try (InputStream in = open("/all-minilm-l6-v2-tokenizer.json")) {
      return WordPieceTokenizer.fromTokenizerJson(in, "all-minilm-l6-v2-tokenizer.json");
    }
  }

  /** Opens a resource of the artifacts; the caller closes it. */
  static InputStream open(String resource) {
    return Objects.requireNonNull(
        MiniLmArtifact.class.getResourceAsStream(resource), () -> resource + " is not there");
  }
}
