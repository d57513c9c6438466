package dev.tinytitan.compress;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Finds out before long work what in the data would spoil it: numbers that are not finite, labels
 * that the model does not know, classes without samples.
 *
 * <pre>{@code
 * SampleCheck check = SampleCheck.of(model);
 * check.add(samples);
 * check.requireTwoClasses();
 * check.missingClasses().ifPresent(System.err::println);
 * }</pre>
 *
 * <p>One thread at a time.
 */
public final class SampleCheck {
  /** Fewer samples find ranges of activations badly by common experience. */
  private static final int FEW_TO_CALIBRATE = 100;

  private static final int FEW_TO_JUDGE_UNITS = 32;
  private static final int NAMED = 10;

  private final OptionalInt classes;
  private final TreeMap<Integer, Integer> counts = new TreeMap<>();

  private SampleCheck(OptionalInt classes) {
    this.classes = classes;
  }

  /** A check of data for a model. */
  public static SampleCheck of(Model model) {
    return new SampleCheck(classes(model));
  }

  /** Whether the first output of a model can tell classes apart: it has more than one element. */
  public static boolean classifies(Model model) {
    return classes(model).orElse(2) > 1;
  }

  /**
   * Looks at all samples of a data set; labels are looked at where the first sample has one.
   *
   * @throws BadDataException if there are none, a number is NaN or infinite, or a label is missing
   *     or none of the model's classes; names the sample
   */
  public void add(Samples samples) {
    if (samples.size() == 0) {
      throw new BadDataException("The data hold no samples.");
    }
    boolean labelled = samples.get(0).label().isPresent();
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      for (Map.Entry<String, Tensor> input : sample.inputs().entrySet()) {
        requireFinite(input.getValue(), "Sample " + i + ", input '" + input.getKey() + "'");
      }
      if (labelled) {
        count(sample, "sample " + i);
      }
      int number = i;
      sample.target().ifPresent(target -> requireFinite(target, "The target of sample " + number));
    }
  }

  /**
   * Looks at the labels of a part of the data.
   *
   * @param part such as {@code training}
   * @throws BadDataException if one is missing, or none of the model's classes
   */
  public void addLabels(Samples samples, String part) {
    for (int i = 0; i < samples.size(); i++) {
      count(samples.get(i), "sample " + i + " of the " + part + " part");
    }
  }

  private void count(Sample sample, String name) {
    int label =
        sample
            .label()
            .orElseThrow(
                () -> new BadDataException(name.replaceFirst("^s", "S") + " has no label."));
    if (label < 0 || (classes.isPresent() && label >= classes.getAsInt())) {
      throw new BadDataException(
          "The label of "
              + name
              + " is "
              + label
              + (classes.isPresent()
                  ? ", but the model knows the classes 0 to " + (classes.getAsInt() - 1)
                  : "; classes are counted from 0")
              + ".");
    }
    counts.merge(label, 1, Integer::sum);
  }

  private static void requireFinite(Tensor tensor, String name) {
    if (tensor.dtype() != DType.FLOAT32) {
      return;
    }
    float[] values = tensor.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new BadDataException(
            name + ", element " + i + " is " + values[i] + ": take the sample out, or repair it.");
      }
    }
  }

  /**
   * Fails if a sample has a target of another size than the first output.
   *
   * @throws BadDataException if so
   */
  public void requireTargetFits(Sample sample) {
    if (sample.target().isEmpty() || classes.isEmpty()) {
      return;
    }
    int targets = sample.target().get().size();
    if (targets != classes.getAsInt()) {
      throw new BadDataException(
          "A target has "
              + targets
              + (targets == 1 ? " element" : " elements")
              + ", but the model gives "
              + classes.getAsInt()
              + " for each sample: name the right array or column.");
    }
  }

  /**
   * Fails if there are labels, but all are the same.
   *
   * @throws BadDataException if so: there is nothing to tell apart
   */
  public void requireTwoClasses() {
    if (counts.size() == 1) {
      throw new BadDataException(
          "All samples are of class "
              + counts.firstKey()
              + ": accuracy says nothing about them. Give data of all classes.");
    }
  }

  /** A sentence about classes that the model knows and no sample is of, if there are any. */
  public Optional<String> missingClasses() {
    if (classes.isEmpty() || counts.isEmpty()) {
      return Optional.empty();
    }
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < classes.getAsInt(); i++) {
      if (!counts.containsKey(i)) {
        missing.add(String.valueOf(i));
      }
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "No sample is of class "
                + list(missing)
                + ": what becomes of "
                + (missing.size() == 1 ? "it" : "them")
                + " is not judged.");
  }

  private static String list(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
        + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
  }

  /** A sentence if so many samples are few to find ranges of activations with. */
  public static Optional<String> fewToCalibrate(int count) {
    return few(count, FEW_TO_CALIBRATE, "calibrate with", "find ranges of activations reliably");
  }

  /** A sentence if so many samples are few to judge channels or weights by. */
  public static Optional<String> fewToJudgeUnits(int count) {
    return few(count, FEW_TO_JUDGE_UNITS, "judge by what can go", "tell that reliably");
  }

  private static Optional<String> few(int count, int enough, String purpose, String benefit) {
    return count >= enough
        ? Optional.empty()
        : Optional.of(
            "Only "
                + count
                + (count == 1 ? " sample to " : " samples to ")
                + purpose
                + "; "
                + enough
                + " or more "
                + benefit
                + ".");
  }

  /** How many classes the first output tells apart, where its shape says so. */
  private static OptionalInt classes(Model model) {
    // An output need not declare its type.
    if (!(model.outputs().get(0).type() instanceof TensorType type)
        || !type.hasRank()
        || type.rank() == 0) {
      return OptionalInt.empty();
    }
    int classes = 1;
    for (int i = 0; i < type.rank(); i++) {
      Dim dim = type.dim(i);
      if (i > 0 && !dim.isFixed()) {
        return OptionalInt.empty();
      }
      classes *= i == 0 ? 1 : dim.size();
    }
    return OptionalInt.of(classes);
  }
}
