package dev.tinytitan.data.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The golden file: a text and the original tokenizer's ids for it on each line, as JSON. {@link
 * #main} writes it anew, from {@link TokenizerTexts}, with the original.
 *
 * @param text what is tokenized
 * @param ids token ids with {@code [CLS]} and {@code [SEP]}, neither cut nor padded
 */
record WordPieceGolden(String text, List<Long> ids) {
  private static final String RESOURCE = "wordpiece-golden.jsonl";

  static List<WordPieceGolden> read() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<WordPieceGolden> all = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(WordPieceGolden.class.getResourceAsStream(RESOURCE)),
                StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        all.add(json.readValue(line, WordPieceGolden.class));
      }
    }
    return all;
  }

  /** Argument: the file to write. */
  public static void main(String[] arguments) throws IOException {
    // Escapes keep invisible characters visible, and lone surrogates and line separators whole.
    ObjectMapper json = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    try (HuggingFaceTokenizer original = HuggingFaceOracle.miniLm();
        PrintWriter out = new PrintWriter(arguments[0], StandardCharsets.UTF_8)) {
      for (String text : TokenizerTexts.ALL) {
        List<Long> ids = Arrays.stream(original.encode(text).getIds()).boxed().toList();
        out.print(json.writeValueAsString(new WordPieceGolden(text, ids)) + "\n");
      }
    }
  }
}
