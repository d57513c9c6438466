package dev.tinytitan.codegen;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What code is generated for: the assembler refuses instructions that it has not. Immutable.
 *
 * @param isa what the choice of a kernel goes by
 * @param features all extensions that may be used: those that the isa needs, and perhaps more
 */
public record Target(Isa isa, Set<Feature> features) {

  public Target {
    if (!features.containsAll(isa.needs())) {
      throw new IllegalArgumentException(isa + " needs " + isa.needs() + ", not only " + features);
    }
    features = Collections.unmodifiableSet(EnumSet.copyOf(features));
  }

  /** An instruction set with nothing beyond what it needs. */
  public static Target of(Isa isa) {
    return new Target(isa, isa.needs());
  }

  /** Whether this extension may be used. */
  public boolean has(Feature feature) {
    return features.contains(feature);
  }
}
