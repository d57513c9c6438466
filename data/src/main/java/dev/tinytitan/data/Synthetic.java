package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Data made on the spot, to try things with where there are no files: {@code synthetic:images},
 * {@code synthetic:keywords}, {@code synthetic:vibration}, each with {@value #SIZE} samples or as
 * many as {@code synthetic:images:200} asks for. Classes take turns, so that every part is
 * balanced. A sample depends on its index alone: the same on every machine ({@link StrictMath}),
 * however many there are.
 *
 * <p>They are easy to tell apart, but not free: noise, position, size and speed differ. Figures
 * from them say that a program works, not how good a model is.
 */
final class Synthetic {
  /** What data arguments begin with. */
  static final String PREFIX = "synthetic:";

  private static final int SIZE = 1000;
  private static final int MOST = 1_000_000;
  private static final int IMAGE_SIDE = 32;
  private static final int SOUND_LENGTH = 16_000;
  private static final int SOUND_RATE = 16_000;
  private static final int VIBRATION_LENGTH = 1024;

  /** Samples a second of vibrations, as accelerometers on machines have. */
  private static final int VIBRATION_RATE = 12_800;

  private static final long SEED = 0x7157_1714L;

  private Synthetic() {}

  /** What data there are. */
  enum Kind {
    /**
     * Shapes of any color on a background of any color, [3, 32, 32] or what the options say, from 0
     * to 255 or what white is to be.
     */
    IMAGES(0, "disc", "square", "cross", "stripes"),

    /** Words of two tones, one second at 16 kHz, [16000] or what the options say, from −1 to 1. */
    KEYWORDS(1, "rising", "falling", "high", "low", "silence"),

    /** A machine's acceleration, [1024] or what the options say, at 12.8 kHz, in g. */
    VIBRATION(2, "healthy", "unbalance", "looseness", "bearing");

    /** Makes the samples of one kind differ from those of the others. */
    private final long seed;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> classNames;

    Kind(long seed, String... classNames) {
      this.seed = seed;
      this.classNames = List.of(classNames);
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
    private final ImageLayout layout;
    private final Shape shape;

    Generated(String name, Kind kind, int size, DatasetOptions options) {
      this.name = name;
      this.kind = kind;
      this.size = size;
      this.layout = options.image().orElse(ImageLayout.of(3, IMAGE_SIDE, IMAGE_SIDE));
      int length = options.soundLength();
      this.shape =
          switch (kind) {
            case IMAGES -> Shape.of(layout.channels(), layout.height(), layout.width());
            case KEYWORDS -> Shape.of(length > 0 ? length : SOUND_LENGTH);
            case VIBRATION -> Shape.of(length > 0 ? length : VIBRATION_LENGTH);
          };
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
      int label = index % kind.classNames.size();
      SplittableRandom random = new SplittableRandom(SEED + 31 * kind.seed + 1_000_003L * index);
      switch (kind) {
        case IMAGES -> image(sample, label, layout, random);
        case KEYWORDS -> keyword(sample, label, random);
        case VIBRATION -> vibration(sample, label, random);
      }
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
      return Optional.empty();
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  // Images.

  private static void image(
      float[] sample, int label, ImageLayout layout, SplittableRandom random) {
    int height = layout.height();
    int width = layout.width();
    float[] back = color(random);
    float[] front = contrasting(back, random);
    double radius = Math.min(height, width) * random.nextDouble(0.2, 0.4);
    double middleY = height * random.nextDouble(0.35, 0.65);
    double middleX = width * random.nextDouble(0.35, 0.65);
    double period = Math.max(3, radius * 0.8);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double dy = y + 0.5 - middleY;
        double dx = x + 0.5 - middleX;
        boolean inside =
            switch (label) {
              case 0 -> dx * dx + dy * dy <= radius * radius;
              case 1 -> Math.max(Math.abs(dx), Math.abs(dy)) <= radius * 0.85;
              case 2 ->
                  Math.min(Math.abs(dx), Math.abs(dy)) <= radius * 0.25
                      && Math.max(Math.abs(dx), Math.abs(dy)) <= radius;
              default ->
                  Math.floorMod((long) Math.floor((x + y) / period), 2L) == 0
                      && Math.max(Math.abs(dx), Math.abs(dy)) <= radius;
            };
        float[] color = inside ? front : back;
        for (int channel = 0; channel < layout.channels(); channel++) {
          double noise = 0.05 * random.nextGaussian();
          sample[(channel * height + y) * width + x] =
              layout.maximum() * (float) Math.clamp(color[channel] + noise, 0.0, 1.0);
        }
      }
    }
  }

  private static float[] color(SplittableRandom random) {
    float[] color = new float[3];
    for (int i = 0; i < 3; i++) {
      color[i] = (float) random.nextDouble();
    }
    return color;
  }

  /** A color that differs from another in every channel, so that grey images show it, too. */
  private static float[] contrasting(float[] other, SplittableRandom random) {
    float[] color = new float[3];
    boolean darker = other[0] + other[1] + other[2] > 1.5f;
    for (int i = 0; i < 3; i++) {
      double difference = random.nextDouble(0.35, 0.6);
      color[i] = (float) Math.clamp(other[i] + (darker ? -difference : difference), 0.0, 1.0);
    }
    return color;
  }

  // Sounds.

  private static void keyword(float[] sample, int label, SplittableRandom random) {
    int spoken = (int) (sample.length * random.nextDouble(0.4, 0.6));
    int begin = (int) ((sample.length - spoken) * random.nextDouble());
    double low = random.nextDouble(300, 500);
    double high = random.nextDouble(1200, 1800);
    double loud = label == 4 ? 0 : random.nextDouble(0.2, 0.7);
    double from = label == 0 || label == 3 ? low : high;
    double to = label == 1 || label == 3 ? low : high;
    double phase = 0;
    for (int i = 0; i < sample.length; i++) {
      double value = 0.02 * random.nextGaussian();
      if (i >= begin && i < begin + spoken) {
        double at = (i - begin) / (double) spoken;
        phase += 2 * Math.PI * (from + (to - from) * at) / SOUND_RATE;
        double envelope = StrictMath.sin(Math.PI * at);
        value += loud * envelope * (0.7 * StrictMath.sin(phase) + 0.3 * StrictMath.sin(2 * phase));
      }
      sample[i] = (float) Math.clamp(value, -1.0, 1.0);
    }
  }

  // Vibrations.

  private static void vibration(float[] sample, int label, SplittableRandom random) {
    double speed = random.nextDouble(24, 30);
    double phase = random.nextDouble(2 * Math.PI);
    double unbalance = label == 1 ? random.nextDouble(0.8, 1.4) : random.nextDouble(0.1, 0.25);
    double harmonics = label == 2 ? random.nextDouble(0.3, 0.6) : 0.03;
    // Balls that pass a damaged spot of the outer ring strike 3.58 times a turn.
    double strikes = 3.58 * speed;
    double ring = random.nextDouble(2800, 3400);
    double strength = label == 3 ? random.nextDouble(0.8, 1.6) : 0;
    for (int i = 0; i < sample.length; i++) {
      double time = i / (double) VIBRATION_RATE;
      double turn = 2 * Math.PI * speed * time + phase;
      double value = 0.08 * random.nextGaussian() + unbalance * StrictMath.sin(turn);
      for (int harmonic = 2; harmonic <= 5; harmonic++) {
        value += harmonics * StrictMath.sin(harmonic * turn + harmonic);
      }
      double sinceStrike = (time * strikes % 1.0) / strikes;
      value +=
          strength
              * StrictMath.exp(-sinceStrike * 700)
              * StrictMath.sin(2 * Math.PI * ring * sinceStrike);
      sample[i] = (float) value;
    }
  }
}
