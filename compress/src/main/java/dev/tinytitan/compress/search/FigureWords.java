package dev.tinytitan.compress.search;

import dev.tinytitan.compress.prune.Target;

/** What is counted, as recipes say it in words. */
final class FigureWords {
  private FigureWords() {}

  static String of(Target.Figure figure) {
    return switch (figure) {
      case MULTIPLY_ADDS -> "multiply-adds";
      case PARAMETERS -> "parameters";
      case BYTES -> "bytes of weights";
    };
  }

  /** Behind a percentage in a table; multiply-adds go without saying. */
  static String suffix(Target.Figure figure) {
    return switch (figure) {
      case MULTIPLY_ADDS -> "";
      case PARAMETERS -> " of parameters";
      case BYTES -> " of bytes";
    };
  }
}
