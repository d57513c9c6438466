package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Samples of equal shape to calibrate, evaluate or train with, with or without labels and groups.
 *
 * <p>Samples are read when they are asked for, a few at a time, so that memory stays flat however
 * many there are; labels and groups are held in memory. Asking in ascending order, as {@link
 * #batches} does, is fast for every kind of file; for random access, take {@link #inMemory()}.
 *
 * <p>Safe to share between threads. Errors of reading are {@link BadDataException}s that name the
 * file and the place in it.
 */
public interface Dataset extends AutoCloseable {

  /**
   * Opens a file or folder with default options; see {@link #open(Path, DatasetOptions)}.
   *
   * @throws BadDataException if it cannot be read
   */
  static Dataset open(Path path) {
    return open(path, DatasetOptions.DEFAULT);
  }

  /**
   * Opens data of any supported kind, told by its name:
   *
   * <ul>
   *   <li>{@code .npz}: an array of samples, and optionally of labels and groups; {@code .npy}:
   *       samples
   *   <li>{@code .csv}, {@code .tsv}: columns of numbers, or one of text, and optionally of labels
   *       and groups; with or without a header line
   *   <li>{@code -idx3-ubyte} and the like, also {@code .gz}: samples, with labels if the file of
   *       labels lies beside
   *   <li>{@code .txt}: one text a line; blank lines are left out
   *   <li>a folder of images or of WAV files; folders in it are classes, in the order of their
   *       names
   *   <li>{@code synthetic:NAME}: made on the spot, the same each time and on every machine, with
   *       labels and groups; 1000 samples, or as many as {@code synthetic:NAME:200} asks for. Names
   *       are {@code glyphs} (characters, [1, 28, 28]), {@code images} (shapes, [3, 32, 32]),
   *       {@code keywords} (tones of one second at 16 kHz, [16000]), {@code bearing} (faults of
   *       bearings at 12 kHz, [1024]), {@code vibration} (faults of machines at 12.8 kHz, [1024]),
   *       {@code ecg} (heart beats at 180 Hz, [128]) and {@code activity} (a wrist's acceleration
   *       at 20 Hz, [3, 80]); the options may say other sizes
   *   <li>{@code SET:FILE}: a file of a public data set in its own form, brought to what networks
   *       take, with labels and groups; the same is done with training and test files. Sets are
   *       {@code mitbih} (heart beats, [6, 128]), {@code wisdm} (a wrist's acceleration, [3, 80]),
   *       {@code cwru} (bearings, bands of [1, 32, frames]), {@code fsdd} (spoken digits, log-mel
   *       [1, bands, frames]), {@code pneumoniamnist} (X-rays, [1, 28, 28]) and {@code cmapss}
   *       (turbofans, [14, 48], targets the flights that are left)
   * </ul>
   *
   * @throws BadDataException if it cannot be read, or is of no known kind
   */
  static Dataset open(Path path, DatasetOptions options) {
    return DatasetOpener.open(path, options);
  }

  /** Whether this names data that are made on the spot, such as {@code synthetic:images}. */
  static boolean isSynthetic(Path path) {
    return path.toString().startsWith(Synthetic.PREFIX);
  }

  /**
   * Data in memory.
   *
   * @param samples shape [size, ...]
   * @throws BadDataException if it is a scalar
   */
  static Dataset of(Tensor samples) {
    return new TensorDataset("samples", samples, Annotations.NONE);
  }

  /**
   * Labelled data in memory.
   *
   * @param samples shape [size, ...]
   * @param labels shape [size, ...]
   * @throws BadDataException if the sizes differ
   */
  static Dataset of(Tensor samples, Tensor labels) {
    return new TensorDataset(
        "samples", samples, new Annotations(Optional.of(labels), List.of(), Optional.empty()));
  }

  /**
   * Labelled data in memory, whose groups are known.
   *
   * @param samples shape [size, ...]
   * @param labels shape [size, ...]
   * @param classNames the names of the classes that labels index; may be empty
   * @param groups what each sample belongs to, as many as samples
   * @throws BadDataException if the sizes differ
   */
  static Dataset of(Tensor samples, Tensor labels, List<String> classNames, long[] groups) {
    return new TensorDataset(
        "samples",
        samples,
        new Annotations(
            Optional.of(labels), classNames, Optional.of(Tensor.of(groups, groups.length))));
  }

  /** The number of samples. */
  int size();

  /** The element type of the samples; {@link DType#STRING} for text. */
  DType dtype();

  /** The shape of one sample: without a batch dimension. */
  Shape sampleShape();

  /**
   * Reads samples.
   *
   * @param from the first, from 0
   * @param to behind the last, at most {@link #size()}
   * @return shape [to − from, ...sampleShape], owned by the caller
   * @throws BadDataException if a sample cannot be read
   */
  Tensor samples(int from, int to);

  /**
   * Labels of all samples, shape [size, ...]: class indices as int64, or targets of any type.
   *
   * @return empty if there are none; not to be changed
   */
  Optional<Tensor> labels();

  /** The names of the classes that labels index, empty if labels are no named classes. */
  List<String> classNames();

  /**
   * Whatever must not be torn apart when the data are split (a patient, a machine, a speaker), one
   * int64 for each sample, shape [size].
   *
   * @return empty if there are none; not to be changed
   */
  Optional<Tensor> groups();

  /** Frees files. Samples cannot be read any more; what was read stays. */
  @Override
  void close();

  /** Reads one sample, shape {@link #sampleShape()}. */
  default Tensor sample(int index) {
    return samples(index, index + 1).reshape(sampleShape());
  }

  /**
   * A batch of samples with their labels.
   *
   * @param samples shape [batch, ...sampleShape]
   * @param labels shape [batch, ...], empty if the data have none
   */
  record Batch(Tensor samples, Optional<Tensor> labels) {}

  /**
   * Goes through all samples in order, reading each batch when it is asked for.
   *
   * @param batchSize samples of each batch, at least 1; the last may have fewer
   */
  default Iterable<Batch> batches(int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("a batch of " + batchSize + " samples");
    }
    return () ->
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next < size();
          }

          @Override
          public Batch next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            int from = next;
            int to = Math.min(size(), from + Math.min(batchSize, size() - from));
            next = to;
            return new Batch(samples(from, to), labels().map(y -> Rows.slice(y, from, to)));
          }
        };
  }

  /**
   * The same data, all read into memory.
   *
   * @throws dev.tinytitan.OverBudgetException if they do not fit the heap
   */
  default Dataset inMemory() {
    return new TensorDataset(
        "samples", samples(0, size()), new Annotations(labels(), classNames(), groups()));
  }
}
