package dev.tinytitan.data.text;

import java.text.Normalizer;

/**
 * BERT's text normalization: drop control characters, make every white space a blank, set blanks
 * around ideographs, strip accents, lower-case; in this order. Immutable and thread-safe.
 *
 * @param cleanText drop control characters and unify white space
 * @param separateIdeographs set blanks around Chinese ideographs
 * @param stripAccents decompose (NFD) and drop non-spacing marks
 * @param lowercase lower-case each character by itself, without locale or context
 */
record BertNormalizer(
    boolean cleanText, boolean separateIdeographs, boolean stripAccents, boolean lowercase) {

  /** The normalization of the "uncased" BERT models. */
  static final BertNormalizer UNCASED = new BertNormalizer(true, true, true, true);

  /** UTF-16 units decomposed at once. */
  private static final int MAX_PIECE = 256;

  /** The normalized text; time and memory are linear in its length. */
  CharSequence normalize(CharSequence text) {
    StringBuilder cleaned = new StringBuilder(text.length() + 16);
    boolean ascii = clean(text, cleaned);
    if (!ascii && stripAccents) {
      cleaned = withoutAccents(cleaned);
    }
    return lowercase ? lowerCase(cleaned) : cleaned;
  }

  /** Cleans and separates {@code text} into {@code out}; tells whether the result is all ASCII. */
  private boolean clean(CharSequence text, StringBuilder out) {
    boolean ascii = true;
    for (int i = 0; i < text.length(); ) {
      int c = Character.codePointAt(text, i);
      i += Character.charCount(c);
      if (cleanText) {
        if (BertCharacters.isDropped(c)) {
          continue;
        }
        if (BertCharacters.isWhitespace(c)) {
          c = ' ';
        }
      }
      if (c < 0x80) {
        out.append((char) c);
        continue;
      }
      if (stripAccents && BertCharacters.isMark(c)) {
        // They would go after the decomposition anyway. Going now, a long run of them cannot make
        // its canonical reordering quadratic.
        continue;
      }
      ascii = false;
      if (separateIdeographs && BertCharacters.isIdeograph(c)) {
        out.append(' ').appendCodePoint(c).append(' ');
      } else {
        out.appendCodePoint(c);
      }
    }
    return ascii;
  }

  /**
   * Decomposes (NFD) and drops the marks, piece by piece: the JDK's canonical reordering takes time
   * quadratic in the length of a run of combining characters, which a hostile text can make long.
   */
  private static StringBuilder withoutAccents(StringBuilder text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int start = 0; start < text.length(); ) {
      int end = pieceEnd(text, start);
      String decomposed = Normalizer.normalize(text.substring(start, end), Normalizer.Form.NFD);
      decomposed
          .codePoints()
          .filter(c -> !BertCharacters.isMark(c))
          .forEachOrdered(out::appendCodePoint);
      start = end;
    }
    return out;
  }

  /** Before an ASCII character, where nothing is reordered, unless there is none for a long way. */
  private static int pieceEnd(StringBuilder text, int start) {
    int limit = start + MAX_PIECE;
    if (limit >= text.length()) {
      return text.length();
    }
    for (int end = limit; end > start; end--) {
      if (text.charAt(end) < 0x80) {
        return end;
      }
    }
    return Character.isLowSurrogate(text.charAt(limit)) ? limit - 1 : limit;
  }

  private static CharSequence lowerCase(StringBuilder text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return lowerCaseUnicode(text);
      }
      if (c >= 'A' && c <= 'Z') {
        text.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return text;
  }

  private static CharSequence lowerCaseUnicode(StringBuilder text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEachOrdered(c -> {
          if (c == 'İ') {
            // The one character whose full lower case has two code points: i and a dot above.
            out.append("i\u0307");
          } else {
            out.appendCodePoint(Character.toLowerCase(c));
          }
        });
    return out;
  }
}
