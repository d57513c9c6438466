package dev.tinytitan.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model says about one of its parts, in its own words. It means nothing to a run, and is
 * kept so that it comes back in the written file.
 *
 * @param text free text; empty if none
 * @param properties key-value pairs ({@code metadata_props}), in order
 */
public record Documentation(String text, Map<String, String> properties) {
  /** Nothing is said. */
  public static final Documentation NONE = new Documentation("", Map.of());

  public Documentation {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  /** Free text without properties. */
  public static Documentation of(String text) {
    return new Documentation(text, Map.of());
  }
}
