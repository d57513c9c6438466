package dev.tinytitan.data.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * Which code points BERT's basic tokenizer drops, treats as white space, splits off as punctuation
 * or as ideographs, and strips as accents.
 *
 * <p>The original (the Hugging Face tokenizers library) carries category tables of an old Unicode
 * version, while {@link Character#getType(int)} follows the JDK's: they differ for some 630 code
 * points, and token ids must not change with the JDK. So the classes come from a resource, {@code
 * bert-characters.txt}, read off the original by {@code BertCharactersGenerator} in the test
 * sources.
 */
final class BertCharacters {
  private static final String RESOURCE = "bert-characters.txt";

  private static final BitSet CONTROL = new BitSet();
  private static final BitSet MARK = new BitSet();
  private static final BitSet PUNCTUATION = new BitSet();

  static {
    load();
  }

  private BertCharacters() {}

  /**
   * White space: Unicode's White_Space property without the control characters that are dropped.
   */
  static boolean isWhitespace(int codePoint) {
    return codePoint == ' '
        || codePoint == '\t'
        || codePoint == '\n'
        || codePoint == '\r'
        || (codePoint >= 0x80 && Character.isSpaceChar(codePoint));
  }

  /**
   * Control, format and private-use characters, NUL, lone surrogates and the replacement character.
   */
  static boolean isDropped(int codePoint) {
    return CONTROL.get(codePoint)
        || codePoint == 0
        || codePoint == 0xFFFD
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
  }

  /** Non-spacing marks: the accents of a decomposed text. */
  static boolean isMark(int codePoint) {
    return codePoint >= 0x300 && MARK.get(codePoint);
  }

  /** All ASCII symbols, and Unicode punctuation; each is a word of its own. */
  static boolean isPunctuation(int codePoint) {
    return PUNCTUATION.get(codePoint);
  }

  /** Chinese ideographs (also as used in Japanese and Korean); each is a word of its own. */
  static boolean isIdeograph(int codePoint) {
    return codePoint >= 0x3400
        && ((codePoint >= 0x4E00 && codePoint <= 0x9FFF)
            || (codePoint <= 0x4DBF)
            || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
            || (codePoint >= 0x20000 && codePoint <= 0x2A6DF)
            || (codePoint >= 0x2A700 && codePoint <= 0x2B73F)
            || (codePoint >= 0x2B740 && codePoint <= 0x2B81F)
            || (codePoint >= 0x2B920 && codePoint <= 0x2CEAF)
            || (codePoint >= 0x2F800 && codePoint <= 0x2FA1F));
  }

  private static void load() {
    InputStream resource = BertCharacters.class.getResourceAsStream(RESOURCE);
    if (resource == null) {
      throw new IllegalStateException(
          "The resource " + RESOURCE + " is missing from tinytitan-data");
    }
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#")) {
          String[] fields = line.split(" ", 3);
          int first = HexFormat.fromHexDigits(fields[1]);
          int last = HexFormat.fromHexDigits(fields[2]);
          classNamed(fields[0]).set(first, last + 1);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BitSet classNamed(String name) {
    return switch (name) {
      case "control" -> CONTROL;
      case "mark" -> MARK;
      case "punctuation" -> PUNCTUATION;
      default -> throw new IllegalStateException("Unknown class '" + name + "' in " + RESOURCE);
    };
  }
}
