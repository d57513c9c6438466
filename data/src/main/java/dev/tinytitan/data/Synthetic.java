package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Data made on the spot, to try things with where there are no files: {@code synthetic:NAME}, each
 * with {@value #SIZE} samples or as many as {@code synthetic:NAME:SIZE} asks for. Classes take
 * turns, so that every part is balanced; after each turn comes the next group, so that every group
 * has all classes. A sample depends on its index alone: the same on every machine ({@link
 * StrictRandom}, {@link StrictMath}), however many there are.
 *
 * <p>They are easy to tell apart, but not free: noise, position, size and speed differ. Figures
 * from them say that a program works, not how good a model is. docs/synthetic.md shows them.
 */
final class Synthetic {
  /** What data arguments begin with. */
  static final String PREFIX = "synthetic:";

  private static final int SIZE = 1000;
  private static final int MOST = 1_000_000;
  private static final long SEED = 0x7157_1714L;

  private Synthetic() {}

  /** What data there are. */
  enum Kind {
    /**
     * Shapes of any color on a background of any color, [3, 32, 32] or what the options say, from 0
     * to 255 or what white is to be.
     */
    IMAGES(0, 0, SyntheticImages::of, "disc", "square", "cross", "stripes"),

    /** Words of two tones, one second at 16 kHz, [16000] or what the options say, from −1 to 1. */
    KEYWORDS(1, 20, SyntheticKeywords::of, "rising", "falling", "high", "low", "silence"),

    /** A machine's acceleration, [1024] or what the options say, at 12.8 kHz, in g. */
    VIBRATION(2, 20, SyntheticVibration::of, "healthy", "unbalance", "looseness", "bearing"),

    /** Digits and letters, [1, 28, 28] or what the options say, from 0 to 255 or white. */
    GLYPHS(3, 40, SyntheticGlyphs::of, GlyphStrokes.names()),

    /** A bearing's acceleration, [1024] or what the options say, at 12 kHz, in g. */
    BEARING(
        4,
        SyntheticBearing.MACHINES * SyntheticBearing.LOADS,
        SyntheticBearing::of,
        "healthy",
        "inner",
        "outer",
        "ball"),

    /** Heart beats, [128] or what the options say, at 180 Hz, in mV. */
    ECG(5, 40, SyntheticEcg::of, "N", "S", "V", "F"),

    /** A wrist's acceleration, [3, 80] or what the options say, at 20 Hz, in m/s². */
    ACTIVITY(
        6,
        20,
        SyntheticActivity::of,
        "walking",
        "jogging",
        "stairs",
        "sitting",
        "standing",
        "kicking");

    /** Makes the samples of one kind differ from those of the others. */
    private final long seed;

    /** How many groups there are; 0 if samples share nothing. */
    private final int groups;

    @SuppressWarnings("ImmutableEnumChecker") // a constructor of records
    private final Function<DatasetOptions, SyntheticSource> source;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> classNames;

    Kind(
        long seed,
        int groups,
        Function<DatasetOptions, SyntheticSource> source,
        String... classNames) {
      this.seed = seed;
      this.groups = groups;
      this.source = source;
      this.classNames = List.of(classNames);
    }

    int group(int index) {
      return groups == 0 ? 0 : index / classNames.size() % groups;
    }

    /** As it is written in arguments. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Opens {@code synthetic:NAME} or {@code synthetic:NAME:SIZE}.
   *
   * @throws BadDataException if there are no such data
   */
  static Dataset open(String argument, DatasetOptions options) {
    String[] parts = argument.substring(PREFIX.length()).split(":", -1);
    for (Kind kind : Kind.values()) {
      if (kind.label().equals(parts[0]) && parts.length <= 2) {
        return new Generated(
            argument, kind, parts.length == 1 ? SIZE : size(argument, parts[1]), options);
      }
    }
    throw new BadDataException(
        "There are no data '"
            + argument
            + "'; known are "
            + List.of(Kind.values()).stream()
                .map(kind -> PREFIX + kind.label())
                .collect(Collectors.joining(", "))
            + ", each with :SIZE or without.");
  }

  private static int size(String argument, String text) {
    try {
      int size = Integer.parseInt(text);
      if (size >= 1 && size <= MOST) {
        return size;
      }
    } catch (NumberFormatException e) {
      throw new BadDataException("'" + text + "' in '" + argument + "' is no number.", e);
    }
    throw new BadDataException(
        "'" + argument + "' can have 1 to " + MOST + " samples, not " + text + ".");
  }

  /** Samples that are made when they are asked for. */
  private static final class Generated implements Dataset {
    private final String name;
    private final Kind kind;
    private final int size;
    private final SyntheticSource source;
    private final Shape shape;

    Generated(String name, Kind kind, int size, DatasetOptions options) {
      this.name = name;
      this.kind = kind;
      this.size = size;
      this.source = kind.source.apply(options);
      this.shape = source.shape();
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public DType dtype() {
      return DType.FLOAT32;
    }

    @Override
    public Shape sampleShape() {
      return shape;
    }

    @Override
    public Tensor samples(int from, int to) {
      if (from < 0 || from > to || to > size) {
        throw new IndexOutOfBoundsException(
            name + " has no samples " + from + " to " + to + ": there are " + size);
      }
      int elements = shape.size();
      float[] all = new float[Math.multiplyExact(elements, to - from)];
      float[] one = new float[elements];
      for (int i = from; i < to; i++) {
        fill(one, i);
        System.arraycopy(one, 0, all, (i - from) * elements, elements);
      }
      int[] sizes = new int[shape.rank() + 1];
      sizes[0] = to - from;
      System.arraycopy(shape.toArray(), 0, sizes, 1, shape.rank());
      return Tensor.of(all, sizes);
    }

    private void fill(float[] sample, int index) {
      int group = kind.group(index);
      long seed = SEED + 31 * kind.seed;
      source.fill(
          sample,
          index % kind.classNames.size(),
          group,
          new StrictRandom(~seed - 1_000_003L * group),
          new StrictRandom(seed + 1_000_003L * index));
    }

    @Override
    public Optional<Tensor> labels() {
      long[] labels = new long[size];
      for (int i = 0; i < size; i++) {
        labels[i] = i % kind.classNames.size();
      }
      return Optional.of(Tensor.of(labels, size));
    }

    @Override
    public List<String> classNames() {
      return kind.classNames;
    }

    @Override
    public Optional<Tensor> groups() {
      if (kind.groups == 0) {
        return Optional.empty();
      }
      long[] groups = new long[size];
      for (int i = 0; i < size; i++) {
        groups[i] = kind.group(i);
      }
      return Optional.of(Tensor.of(groups, size));
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
