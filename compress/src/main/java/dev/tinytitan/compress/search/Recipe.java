package dev.tinytitan.compress.search;

import dev.tinytitan.io.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * How a model is made smaller: steps in order, the seed of all chance, and where it comes from.
 * Immutable. As JSON it can be saved, read and run again; the same model, data, version, engine and
 * instruction set then give the same file, byte for byte, at any number of threads.
 *
 * @param steps in order; may be empty, which leaves the model as it is
 * @param seed of all chance
 * @param trainingShare of the data, over 0, at most 1, that steps train and calibrate with; empty
 *     for as much as a search leaves them
 * @param origin what it was found on; empty for a recipe that somebody wrote
 */
public record Recipe(
    List<Step> steps, long seed, OptionalDouble trainingShare, Optional<Origin> origin) {
  /** The version of the JSON form. */
  public static final int FORMAT = 1;

  public Recipe {
    steps = List.copyOf(steps);
    double share = trainingShare.orElse(1);
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the share to train with must be over 0 and at most 1, not " + share);
    }
  }

  /** Steps without an origin. */
  public static Recipe of(long seed, Step... steps) {
    return new Recipe(List.of(steps), seed, OptionalDouble.empty(), Optional.empty());
  }

  /** The same with an origin. */
  public Recipe withOrigin(Origin value) {
    return new Recipe(steps, seed, trainingShare, Optional.of(value));
  }

  /** The same with this share of the data to train with. */
  public Recipe withTrainingShare(double value) {
    return new Recipe(steps, seed, OptionalDouble.of(value), origin);
  }

  /** The steps as one sentence. */
  public String words() {
    return steps.isEmpty()
        ? "leave the model as it is"
        : steps.stream().map(Step::words).collect(Collectors.joining("; then "));
  }

  /** The steps in as few words as tables have room for. */
  public static String label(List<Step> steps) {
    return steps.isEmpty()
        ? "nothing"
        : steps.stream().map(Step::label).collect(Collectors.joining(" → "));
  }

  /** The JSON form, indented, with a line break at its end. */
  public String toJson() {
    return RecipeJson.write(this);
  }

  /**
   * Reads the JSON form; unknown names, wrong types and impossible values are refused.
   *
   * @throws dev.tinytitan.BadDataException saying what is wrong where
   */
  public static Recipe parse(String json) {
    return RecipeJson.read(json);
  }

  /**
   * Reads a file.
   *
   * @throws dev.tinytitan.BadDataException if it cannot be read, or as {@link #parse}
   */
  public static Recipe load(Path file) {
    return RecipeJson.read(file);
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @throws dev.tinytitan.BadDataException if it cannot be written
   */
  public void save(Path file) {
    AtomicFile.write(file, out -> out.write(toJson().getBytes(StandardCharsets.UTF_8)));
  }
}
