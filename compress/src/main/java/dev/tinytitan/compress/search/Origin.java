package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.internal.Fingerprint;
import dev.tinytitan.kernel.EngineCatalog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a recipe was found with. Where any of it differs, running the recipe again may give another
 * file.
 *
 * @param version of TinyTitan
 * @param engine the best engine there was
 * @param isa the processor's architecture, with the instruction set that was asked for if one was
 * @param model SHA-256 of the model's graph and weights
 * @param data SHA-256 of each part of the data, by its name
 */
public record Origin(
    String version, String engine, String isa, String model, Map<String, String> data) {
  public Origin {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /** The origin of what is made here and now. */
  public static Origin here(Model model, SearchData data) {
    String version = Origin.class.getPackage().getImplementationVersion();
    String asked = System.getProperty("tinytitan.isa");
    return new Origin(
        version == null ? "built from sources" : version,
        EngineCatalog.load().chain(System.getProperty("tinytitan.engine", "")).get(0).name(),
        System.getProperty("os.arch") + (asked == null ? "" : " " + asked),
        Fingerprint.of(model.graph()),
        data.hashes());
  }

  /** What differs from another origin, a sentence each; empty if the same file can be expected. */
  public List<String> differences(Origin other) {
    List<String> differences = new ArrayList<>();
    differ(differences, "version", version, other.version);
    differ(differences, "engine", engine, other.engine);
    differ(differences, "instruction set", isa, other.isa);
    if (!model.equals(other.model)) {
      differences.add("the model is another one");
    }
    if (!data.equals(other.data)) {
      differences.add("the data, or their split, are others");
    }
    return differences;
  }

  private static void differ(List<String> all, String what, String own, String other) {
    if (!own.equals(other)) {
      all.add("the " + what + " was " + own + " and is " + other);
    }
  }
}
