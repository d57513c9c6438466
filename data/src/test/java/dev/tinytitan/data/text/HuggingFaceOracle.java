package dev.tinytitan.data.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;

/** The original tokenizer (Hugging Face tokenizers, in Rust), through DJL. */
final class HuggingFaceOracle {
  static {
    // DJL reports its use to its makers unless told otherwise.
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private HuggingFaceOracle() {}

  /** The tokenizer of all-MiniLM-L6-v2 without truncation and padding. */
  static HuggingFaceTokenizer miniLm() throws IOException {
    try (InputStream in = MiniLmArtifact.open("/all-minilm-l6-v2-tokenizer.json")) {
      return HuggingFaceTokenizer.newInstance(
          in, Map.of("truncation", "false", "padding", "false"));
    }
  }

  /** A tokenizer from a file, without special tokens around the text. */
  static HuggingFaceTokenizer plain(Path tokenizerJson) throws IOException {
    return HuggingFaceTokenizer.builder()
        .optTokenizerPath(tokenizerJson)
        .optAddSpecialTokens(false)
        .optTruncation(false)
        .optPadding(false)
        .build();
  }
}
