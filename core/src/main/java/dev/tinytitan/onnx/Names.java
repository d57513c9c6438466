package dev.tinytitan.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Names that are taken, and new ones that are not. */
final class Names {
  /** Invented names are built on given ones, and those on others: lengths must not add up. */
  private static final int MAX_LENGTH = 200;

  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> nextSuffix = new HashMap<>();

  /** Takes a name. False if it is taken already. */
  boolean take(String name) {
    return taken.add(name);
  }

  /** True if the name is taken. */
  boolean isTaken(String name) {
    return taken.contains(name);
  }

  /** Takes and gives a name that is not taken yet: {@code base}, or that with a number. */
  String unique(String base) {
    String stem = base.length() <= MAX_LENGTH ? base : base.substring(0, MAX_LENGTH);
    String name = stem;
    while (!taken.add(name)) {
      name = stem + "_" + nextSuffix.merge(stem, 1, Integer::sum);
    }
    return name;
  }
}
