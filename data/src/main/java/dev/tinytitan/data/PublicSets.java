package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The public data sets that are known, by the prefix of {@code NAME:FILE}. */
final class PublicSets {
  private static final Map<String, PublicSet> SETS = sets();

  /** A letter alone before a colon is a drive. */
  private static final Pattern NAMED = Pattern.compile("([A-Za-z][\\w-]+):(.*)");

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

  /**
   * Opens {@code NAME:FILE}; empty if the path names no set.
   *
   * @throws BadDataException if the file cannot be read, no file is named, or there is no such set
   *     and no such file either
   */
  static Optional<Dataset> open(Path path) {
    Matcher named = NAMED.matcher(path.toString());
    if (!named.matches()) {
      return Optional.empty();
    }
    String name = named.group(1);
    PublicSet set = SETS.get(name);
    if (set == null) {
      if (Files.exists(path)) {
        return Optional.empty();
      }
      throw new BadDataException(
          "There is no data set '"
              + name
              + "' to read '"
              + path
              + "' as; there are "
              + String.join(", ", SETS.keySet())
              + ", and synthetic:NAME.");
    }
    if (named.group(2).isEmpty()) {
      throw new BadDataException(
          "Name the file of the data set behind '" + name + ":', as in " + name + ":train.npz.");
    }
    return Optional.of(set.read(Path.of(named.group(2))));
  }
}
