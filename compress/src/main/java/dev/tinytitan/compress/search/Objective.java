package dev.tinytitan.compress.search;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a search makes small. */
public enum Objective {
  /** Bytes of the file. */
  SIZE,
  /** The time of a run on one thread of this machine. */
  LATENCY,
  /** The energy of a run. */
  ENERGY;

  /** The name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The objective of this name.
   *
   * @throws IllegalArgumentException if there is none; names all
   */
  public static Objective of(String label) {
    return Arrays.stream(values())
        .filter(objective -> objective.label().equals(label.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'"
                    + label
                    + "' cannot be minimized; "
                    + Arrays.stream(values())
                        .map(Objective::label)
                        .collect(Collectors.joining(", "))
                    + " can"));
  }

  @Override
  public String toString() {
    return label();
  }
}
