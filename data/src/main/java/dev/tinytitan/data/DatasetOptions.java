package dev.tinytitan.data;

import java.util.List;
import java.util.Optional;

/**
 * Which part of the data is what, and how to bring files to one shape.
 *
 * @param features the array (npz) or the columns (CSV) that are the samples; empty: the array
 *     {@code x}, or the only array; all columns that are neither labels nor groups
 * @param labels the array or column of labels; empty: {@code y} where that exists. A column is
 *     named, or numbered from 0
 * @param groups the array or column of groups; empty: none
 * @param image how to bring images to one shape; needed for folders of images whose sizes differ
 * @param soundLength samples of each sound, longer ones cut off and shorter ones filled up with
 *     zeros; 0: the length of the first
 */
public record DatasetOptions(
    List<String> features,
    Optional<String> labels,
    Optional<String> groups,
    Optional<ImageLayout> image,
    int soundLength) {

  /** Nothing said. */
  public static final DatasetOptions DEFAULT =
      new DatasetOptions(List.of(), Optional.empty(), Optional.empty(), Optional.empty(), 0);

  /** Checks the values. */
  public DatasetOptions {
    features = List.copyOf(features);
    if (soundLength < 0) {
      throw new IllegalArgumentException("a sound of " + soundLength + " samples");
    }
  }

  /** The same with the array or columns of samples. */
  public DatasetOptions withFeatures(String... names) {
    return new DatasetOptions(List.of(names), labels, groups, image, soundLength);
  }

  /** The same with the array or column of labels. */
  public DatasetOptions withLabels(String name) {
    return new DatasetOptions(features, Optional.of(name), groups, image, soundLength);
  }

  /** The same with the array or column of groups. */
  public DatasetOptions withGroups(String name) {
    return new DatasetOptions(features, labels, Optional.of(name), image, soundLength);
  }

  /** The same with a shape for images. */
  public DatasetOptions withImage(ImageLayout layout) {
    return new DatasetOptions(features, labels, groups, Optional.of(layout), soundLength);
  }

  /** The same with a length for sounds. */
  public DatasetOptions withSoundLength(int samples) {
    return new DatasetOptions(features, labels, groups, image, samples);
  }
}
