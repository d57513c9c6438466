package dev.tinytitan.data.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * Writes {@code bert-characters.txt}, the character classes of the original tokenizer, by asking
 * it: with a vocabulary of all single code points, what becomes of {@code a?a}? Run by hand when
 * the original changes; needs some 6 GB of heap.
 *
 * <p>Argument: the file to write.
 */
final class BertCharactersGenerator {
  private static final String CLEAN_ONLY =
      "\"clean_text\":true,\"handle_chinese_chars\":false,\"strip_accents\":false,\"lowercase\":false";
  private static final String STRIP_ONLY =
      "\"clean_text\":false,\"handle_chinese_chars\":false,\"strip_accents\":true,\"lowercase\":false";

  private BertCharactersGenerator() {}

  public static void main(String[] arguments) throws IOException {
    BitSet control = new BitSet();
    BitSet mark = new BitSet();
    BitSet punctuation = new BitSet();
    Path file = Files.createTempFile("all-code-points", ".json");
    try {
      writeTokenizer(file, CLEAN_ONLY);
      try (HuggingFaceTokenizer tokenizer = HuggingFaceOracle.plain(file)) {
        for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
          if (isScalar(c) && c != 0xFFFD) {
            long[] ids = between(tokenizer, c);
            // Odd ids continue a word.
            boolean startsAnew = ids[ids.length - 1] % 2 == 0;
            control.set(c, ids.length == 2 && !startsAnew);
            punctuation.set(c, ids.length == 3 && startsAnew);
          }
        }
      }
      writeTokenizer(file, STRIP_ONLY);
      try (HuggingFaceTokenizer tokenizer = HuggingFaceOracle.plain(file)) {
        for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
          if (isScalar(c)) {
            long[] ids = between(tokenizer, c);
            mark.set(c, ids.length == 2 && ids[1] % 2 == 1);
          }
        }
      }
    } finally {
      Files.delete(file);
    }
    try (PrintWriter out = new PrintWriter(arguments[0], StandardCharsets.US_ASCII)) {
      out.print(
          "# Character classes of the original BERT tokenizer: class, first, last code point.\n");
      out.print("# Written by BertCharactersGenerator (test sources); see BertCharacters.\n");
      write(out, "control", control);
      write(out, "mark", mark);
      write(out, "punctuation", punctuation);
    }
  }

  private static long[] between(HuggingFaceTokenizer tokenizer, int codePoint) {
    return tokenizer.encode("a" + Character.toString(codePoint) + "a").getIds();
  }

  private static boolean isScalar(int c) {
    return c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE;
  }

  private static void write(PrintWriter out, String name, BitSet set) {
    for (int first = set.nextSetBit(0); first >= 0; ) {
      int end = set.nextClearBit(first);
      out.print(name + " " + hex(first) + " " + hex(end - 1) + "\n");
      first = set.nextSetBit(end);
    }
  }

  private static String hex(int codePoint) {
    return HexFormat.of().withUpperCase().toHexDigits(codePoint, codePoint > 0xFFFF ? 6 : 4);
  }

  private static void writeTokenizer(Path file, String normalizerFlags) throws IOException {
    StringBuilder json = new StringBuilder(80_000_000);
    json.append("{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],")
        .append("\"normalizer\":{\"type\":\"BertNormalizer\",")
        .append(normalizerFlags)
        .append("},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"post_processor\":null,")
        .append("\"decoder\":null,\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",")
        .append("\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,")
        .append("\"vocab\":{\"[UNK]\":0");
    for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
      if (isScalar(c)) {
        String text = c < 0x80 ? String.format("\\u%04x", c) : Character.toString(c);
        json.append(",\"").append(text).append("\":").append(2 * c);
        json.append(",\"##").append(text).append("\":").append(2 * c + 1);
      }
    }
    Files.writeString(file, json.append("}}}"));
  }
}
