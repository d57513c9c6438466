package dev.tinytitan.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our tokenizer beside the original, side by side in one process. */
class WordPieceOracleTest {
  private static HuggingFaceTokenizer original;
  private static WordPieceTokenizer ours;

  @BeforeAll
  static void load() throws IOException {
    original = HuggingFaceOracle.miniLm();
    ours = MiniLmArtifact.tokenizer().withMaxLength(Integer.MAX_VALUE);
  }

  @AfterAll
  static void close() {
    original.close();
  }

  @Test
  void goldenTextsAreWhatTheOriginalGives() {
    TokenizerTexts.ALL.forEach(WordPieceOracleTest::assertSame);
  }

  @Test
  void everyCodePointOfTheUsedPlanes() {
    // Letters, signs and ideographs; tags and variation selectors; the ends of the private planes.
    assertSameForEachCodePoint(1, 0x32000);
    assertSameForEachCodePoint(0xE0000, 0xE0400);
    assertSameForEachCodePoint(0xEFE00, 0xF0200);
    assertSameForEachCodePoint(0xFFE00, 0x100200);
    assertSameForEachCodePoint(0x10FE00, 0x110000);
  }

  /** Within a word, and as a word; many to a text, for speed. */
  private static void assertSameForEachCodePoint(int from, int to) {
    int perText = 512;
    for (int first = from; first < to; first += perText) {
      StringBuilder text = new StringBuilder();
      for (int c = first; c < Math.min(to, first + perText); c++) {
        if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
          text.append('a').appendCodePoint(c).append("a ").appendCodePoint(c).append(' ');
        }
      }
      assertSame(text.toString());
    }
  }

  @Test
  void randomTexts() {
    RandomGenerator random = new SplittableRandom(1);
    for (int i = 0; i < 20_000; i++) {
      assertSame(randomText(random));
    }
  }

  @Test
  void longTexts() {
    RandomGenerator random = new SplittableRandom(2);
    for (int i = 0; i < 50; i++) {
      StringBuilder text = new StringBuilder();
      while (text.length() < 5000) {
        text.append(randomText(random));
      }
      assertSame(text.toString());
      assertSame("가나다라\u0301é".repeat(500 + i));
    }
  }

  /** Pieces of the golden texts and code points of the lower planes, put together at random. */
  private static String randomText(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    for (int pieces = random.nextInt(1, 9); pieces > 0; pieces--) {
      if (random.nextInt(3) == 0) {
        int c = random.nextInt(1, random.nextBoolean() ? 0x3000 : 0x20000);
        boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        text.appendCodePoint(surrogate ? '-' : c);
      } else {
        String piece = TokenizerTexts.ALL.get(random.nextInt(TokenizerTexts.ALL.size()));
        int length = piece.codePointCount(0, piece.length());
        int from = piece.offsetByCodePoints(0, random.nextInt(length + 1));
        int rest = piece.codePointCount(from, piece.length());
        int to = piece.offsetByCodePoints(from, Math.min(rest, random.nextInt(12)));
        text.append(piece, from, to);
      }
    }
    return text.toString();
  }

  private static void assertSame(String text) {
    assertThat(ours.encode(text).inputIds()).as(text).isEqualTo(original.encode(text).getIds());
  }
}
