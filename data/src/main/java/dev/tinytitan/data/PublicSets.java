package dev.tinytitan.data;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The public data sets that are known, by the prefix of {@code NAME:FILE}. */
final class PublicSets {
  private static final Map<String, PublicSet> SETS = sets();

  private PublicSets() {}

  private static Map<String, PublicSet> sets() {
    Map<String, PublicSet> sets = new TreeMap<>();
    sets.put("mitbih", new HeartBeats());
    sets.put("wisdm", new WristMotion());
    sets.put("cwru", new BallBearings());
    sets.put("fsdd", new SpokenDigits());
    sets.put("pneumoniamnist", new ChestXrays());
    sets.put("cmapss", new Turbofans());
    return Collections.unmodifiableMap(sets);
  }

  /** Their names. */
  static Set<String> names() {
    return SETS.keySet();
  }

  /** Opens {@code NAME:FILE}; empty if the path does not begin with the name of a set. */
  static Optional<Dataset> open(Path path) {
    String text = path.toString();
    int colon = text.indexOf(':');
    PublicSet set = colon < 0 ? null : SETS.get(text.substring(0, colon));
    return set == null
        ? Optional.empty()
        : Optional.of(set.read(Path.of(text.substring(colon + 1))));
  }
}
