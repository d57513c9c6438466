package dev.tinytitan.cli.command;

import dev.tinytitan.cli.samples.ModelFiles;
import dev.tinytitan.data.text.WordPieceTokenizer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The tokenizer of text encoders. */
final class TokenizerOptions {
  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = {
        "For texts: a tokenizer.json or vocab.txt (default: that of all-MiniLM-L6-v2)."
      })
  private @Nullable Path file;

  /** Reads the tokenizer. */
  WordPieceTokenizer read() {
    if (file == null) {
      return ModelFiles.miniLm().readTokenizer();
    }
    return file.toString().endsWith(".txt")
        ? WordPieceTokenizer.fromVocabulary(file)
        : WordPieceTokenizer.fromTokenizerJson(file);
  }
}
