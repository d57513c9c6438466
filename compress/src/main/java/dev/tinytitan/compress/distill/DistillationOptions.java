package dev.tinytitan.compress.distill;

import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a student is distilled. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param parts what is made small, each with its weight
 * @param labelWeight the weight of the labels' own loss, which stands in {@code training}; 0 to
 *     learn from the teacher alone, for which data need no labels
 * @param training all else about the training: epochs, optimizer, augmentation (what the student
 *     sees, the teacher does, too), seed
 * @param cacheBytes how many bytes of the teacher's answers are kept where samples come back
 *     unchanged, in memory
 * @param cacheFolder where answers beyond that are kept, in a file that is removed at the end;
 *     without it they are worked out anew
 */
public record DistillationOptions(
    List<Part> parts,
    double labelWeight,
    TrainingOptions training,
    long cacheBytes,
    Optional<Path> cacheFolder) {

  private static final long DEFAULT_CACHE_BYTES = 256L << 20;

  /**
   * One term of the loss.
   *
   * @param loss in what the student is to be like the teacher
   * @param weight above 0
   */
  public record Part(DistillationLoss loss, double weight) {
    public Part {
      if (!(weight > 0) || !Double.isFinite(weight)) {
        throw new IllegalArgumentException("a weight of " + weight);
      }
    }
  }

  public DistillationOptions {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("distillation without a loss");
    }
    if (!(labelWeight >= 0) || !Double.isFinite(labelWeight) || cacheBytes < 0) {
      throw new IllegalArgumentException(
          "a weight of labels of " + labelWeight + ", a cache of " + cacheBytes + " bytes");
    }
  }

  /**
   * One loss that counts for nine tenths, labels for the last.
   *
   * @param training its loss is the labels'
   */
  public static DistillationOptions of(DistillationLoss loss, TrainingOptions training) {
    return new DistillationOptions(
        List.of(new Part(loss, 0.9)), 0.1, training, DEFAULT_CACHE_BYTES, Optional.empty());
  }

  /** The same with one more term. */
  public DistillationOptions withPart(DistillationLoss loss, double weight) {
    List<Part> all = new ArrayList<>(parts);
    all.add(new Part(loss, weight));
    return new DistillationOptions(all, labelWeight, training, cacheBytes, cacheFolder);
  }

  /** The same with these terms in place of all others. */
  public DistillationOptions withParts(List<Part> value) {
    return new DistillationOptions(value, labelWeight, training, cacheBytes, cacheFolder);
  }

  /** The same with labels that count so much. */
  public DistillationOptions withLabelWeight(double value) {
    return new DistillationOptions(parts, value, training, cacheBytes, cacheFolder);
  }

  /** The same with other training. */
  public DistillationOptions withTraining(TrainingOptions value) {
    return new DistillationOptions(parts, labelWeight, value, cacheBytes, cacheFolder);
  }

  /** The same with so much memory for the teacher's answers. */
  public DistillationOptions withCacheBytes(long value) {
    return new DistillationOptions(parts, labelWeight, training, value, cacheFolder);
  }

  /** The same with a folder for the teacher's answers. */
  public DistillationOptions withCacheFolder(Path value) {
    return new DistillationOptions(parts, labelWeight, training, cacheBytes, Optional.of(value));
  }
}
