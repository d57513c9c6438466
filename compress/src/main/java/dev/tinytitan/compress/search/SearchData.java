package dev.tinytitan.compress.search;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.TrainingSamples;
import dev.tinytitan.compress.internal.Fingerprint;
import dev.tinytitan.train.TrainingData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Data in three parts that share no sample and tear no group apart: one that steps train and
 * calibrate with, one that the search chooses by, and one that only the result is judged on.
 * Immutable.
 *
 * @param training what steps see
 * @param validation what candidates are compared on
 * @param judging what the search never sees
 */
public record SearchData(Samples training, Samples validation, Samples judging) {
  private static final double TRAINING_SHARE = 0.6;

  /**
   * Splits by chance: three fifths of the groups to train with, a fifth each to choose and to judge
   * by.
   *
   * @throws BadDataException if a part would be empty
   */
  public static SearchData split(Samples samples, long seed) {
    return split(samples, TRAINING_SHARE, seed);
  }

  private static SearchData split(Samples samples, double share, long seed) {
    List<Samples> first = samples.split(share, seed);
    List<Samples> second = first.get(1).split(0.5, seed);
    SearchData data = new SearchData(first.get(0), second.get(0), second.get(1));
    if (data.training.size() == 0 || data.validation.size() == 0 || data.judging.size() == 0) {
      throw new BadDataException(
          "The data have "
              + samples.size()
              + " samples in too few groups to make three parts of them, one to train and calibrate"
              + " with, one to choose by and one to judge by: give more.");
    }
    return data;
  }

  /**
   * Splits into two, and judges by other data.
   *
   * @param judging samples that are not among the others
   * @throws BadDataException if a part would be empty
   */
  public static SearchData split(Samples samples, Samples judging, long seed) {
    List<Samples> parts = samples.split(0.75, seed);
    if (parts.get(0).size() == 0 || parts.get(1).size() == 0 || judging.size() == 0) {
      throw new BadDataException(
          "The data have "
              + samples.size()
              + " samples, and "
              + judging.size()
              + " to judge by: too few to train, choose and judge.");
    }
    return new SearchData(parts.get(0), parts.get(1), judging);
  }

  /**
   * Two parts, for a recipe, which leaves nothing to choose: one that steps see, and one to judge
   * the result by.
   *
   * @param share of the groups that steps see, over 0, at most 1
   * @param judging other data to judge by; none for what steps do not see
   * @throws BadDataException if a part would be empty
   */
  public static SearchData forRecipe(Samples samples, double share, Samples judging, long seed) {
    List<Samples> parts = samples.split(share, seed);
    Samples unseen = judging.size() > 0 ? judging : parts.get(1);
    if (parts.get(0).size() == 0 || unseen.size() == 0) {
      throw new BadDataException(
          "Of the data, "
              + samples.size()
              + " samples, a share of "
              + share
              + " leaves nothing to train with, or nothing to judge by: take another share, or give"
              + " other data to judge by.");
    }
    return new SearchData(parts.get(0), unseen, unseen);
  }

  /** The same with at most so many samples to choose and to judge by. */
  public SearchData withMostEvaluated(int count) {
    return new SearchData(training, validation.first(count), judging.first(count));
  }

  /** SHA-256 of each part, by its name. */
  public Map<String, String> hashes() {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("training", Fingerprint.of(training));
    hashes.put("validation", Fingerprint.of(validation));
    hashes.put("judging", Fingerprint.of(judging));
    return hashes;
  }

  /** True if samples have labels. */
  public boolean isLabelled() {
    return training.get(0).label().isPresent();
  }

  /** True if samples have labels, or values to be predicted. */
  public boolean isAnswered() {
    return training.get(0).isAnswered();
  }

  /**
   * The training part in the form that trainers take.
   *
   * @param most at most so many samples; 0 for all
   * @param answered whether labels, or values to be predicted, are wanted
   * @throws BadDataException if samples have several inputs, no labels, or numbers that are not
   *     finite
   */
  TrainingData trainingData(int most, boolean answered) {
    Samples samples = most == 0 ? training : training.first(most);
    return answered ? TrainingSamples.of(samples) : TrainingSamples.unlabelled(samples);
  }
}
