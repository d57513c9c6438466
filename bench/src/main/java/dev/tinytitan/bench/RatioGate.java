package dev.tinytitan.bench;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A ratio of medians that must not be exceeded.
 *
 * @param measured the contender whose speed is held
 * @param against the one that it is measured beside
 * @param most the greatest ratio of their medians that passes
 */
record RatioGate(Side measured, Side against, double most) {
  private static final Pattern BARS = Pattern.compile("\\s*\\|\\s*");
  private static final Pattern SPACES = Pattern.compile("\\s+");

  /**
   * A model on an engine.
   *
   * @param model its label in {@link BenchModel#suite}
   * @param engine one of ours, {@code onnxruntime}, {@code tensorflowlite}, or {@code peers} for
   *     whichever of the two is faster
   * @param threads how many threads it may use
   */
  record Side(String model, String engine, int threads) {
    @Override
    public String toString() {
      return model + " " + engine + " " + threads;
    }
  }

  /**
   * Reads a table of gates: a line holds {@code MODEL ENGINE THREADS | MODEL ENGINE THREADS |
   * RATIO}; blank lines and those that begin with {@code #} are left out.
   *
   * @throws BadDataException if a line is none of these; names it
   */
  static List<RatioGate> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new BadDataException("The table of gates '" + file + "' cannot be read.", e);
    }
    List<RatioGate> gates = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        gates.add(parse(line, file + ", line " + (i + 1)));
      }
    }
    return gates;
  }

  private static RatioGate parse(String line, String where) {
    String[] parts = BARS.split(line, -1);
    try {
      if (parts.length == 3) {
        double most = Double.parseDouble(parts[2]);
        if (most > 0 && Double.isFinite(most)) {
          return new RatioGate(side(parts[0], where), side(parts[1], where), most);
        }
      }
    } catch (NumberFormatException e) {
      throw wrong(line, where, e);
    }
    throw wrong(line, where, null);
  }

  private static Side side(String text, String where) {
    String[] words = SPACES.split(text, -1);
    if (words.length != 3) {
      throw wrong(text, where, null);
    }
    int threads = Integer.parseInt(words[2]);
    if (threads < 1) {
      throw wrong(text, where, null);
    }
    return new Side(words[0], words[1], threads);
  }

  private static BadDataException wrong(String text, String where, @Nullable Throwable cause) {
    String message =
        where
            + ": '"
            + text
            + "' is no gate; write MODEL ENGINE THREADS | MODEL ENGINE THREADS | RATIO.";
    return cause == null ? new BadDataException(message) : new BadDataException(message, cause);
  }
}
