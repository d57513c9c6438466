package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Python dictionary in an npy header, for example <code>
 * {'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 3), }</code>: exactly these three keys,
 * a string, a truth value and a tuple of integers.
 */
final class NpyDictionary {
  private static final int MAX_RANK = 64;

  private final String text;
  private final String source;
  private int position;

  private @Nullable String descriptor;
  private @Nullable Boolean fortranOrder;
  private long @Nullable [] shape;

  private NpyDictionary(String text, String source) {
    this.text = text;
    this.source = source;
  }

  static NpyDictionary parse(String text, String source) {
    NpyDictionary dictionary = new NpyDictionary(text, source);
    dictionary.parse();
    return dictionary;
  }

  /** Element type with byte order, such as {@code <f4}. */
  String descriptor() {
    return required(descriptor, "descr");
  }

  /** True if the first index is the fastest. */
  boolean fortranOrder() {
    return required(fortranOrder, "fortran_order");
  }

  /** Sizes of the dimensions. */
  long[] shape() {
    return required(shape, "shape");
  }

  private void parse() {
    expect('{');
    while (!accept('}')) {
      String key = string();
      expect(':');
      switch (key) {
        case "descr" -> descriptor = string();
        case "fortran_order" -> fortranOrder = truthValue();
        case "shape" -> shape = tuple();
        default -> throw error("the key '" + key + "' is unknown");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skipBlanks();
    if (position < text.length()) {
      throw error("something follows the dictionary");
    }
  }

  private String string() {
    skipBlanks();
    char quote = position < text.length() ? text.charAt(position) : 0;
    if (quote == '[') {
      throw error("structured element types are not supported");
    }
    int end = quote == '\'' || quote == '"' ? text.indexOf(quote, position + 1) : -1;
    if (end < 0) {
      throw error("a string is missing");
    }
    String string = text.substring(position + 1, end);
    position = end + 1;
    return string;
  }

  private boolean truthValue() {
    skipBlanks();
    for (String word : new String[] {"True", "False"}) {
      if (text.startsWith(word, position)) {
        position += word.length();
        return word.equals("True");
      }
    }
    throw error("True or False is missing");
  }

  private long[] tuple() {
    expect('(');
    List<Long> sizes = new ArrayList<>();
    while (!accept(')')) {
      if (sizes.size() == MAX_RANK) {
        throw error("there are more than " + MAX_RANK + " dimensions");
      }
      sizes.add(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  private long integer() {
    skipBlanks();
    int start = position;
    while (position < text.length()
        && text.charAt(position) >= '0'
        && text.charAt(position) <= '9') {
      position++;
    }
    // Below 10^18, so that it fits a long.
    if (position == start || position - start > 18) {
      throw error("a size is missing or too large");
    }
    long value = Long.parseLong(text, start, position, 10);
    // Python 2 wrote long integers so.
    if (position < text.length() && text.charAt(position) == 'L') {
      position++;
    }
    return value;
  }

  private void expect(char wanted) {
    if (!accept(wanted)) {
      throw error("'" + wanted + "' is missing");
    }
  }

  private boolean accept(char wanted) {
    skipBlanks();
    if (position < text.length() && text.charAt(position) == wanted) {
      position++;
      return true;
    }
    return false;
  }

  private void skipBlanks() {
    while (position < text.length() && text.charAt(position) <= ' ') {
      position++;
    }
  }

  private <T> T required(@Nullable T value, String key) {
    if (value == null) {
      throw new BadDataException(source + ": the npy header has no '" + key + "'");
    }
    return value;
  }

  private BadDataException error(String problem) {
    return new BadDataException(
        source + ": in the npy header, at character " + position + ", " + problem);
  }
}
