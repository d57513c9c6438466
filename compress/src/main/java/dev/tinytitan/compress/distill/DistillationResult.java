package dev.tinytitan.compress.distill;

import dev.tinytitan.Model;
import dev.tinytitan.train.TrainingResult;
import java.util.OptionalDouble;

/**
 * A distilled student and how it came to be.
 *
 * @param training the student, how it learned and why it stopped
 * @param judgedBy what scores stand for
 * @param teacherScore the teacher's on the validation data; empty without validation, or where the
 *     teacher itself is the measure
 */
public record DistillationResult(
    TrainingResult training, Measure judgedBy, OptionalDouble teacherScore) {

  /** What a score stands for. */
  public enum Measure {
    /** How often the class is right, from 0 to 1. */
    ACCURACY("accuracy", true),
    /** The root of the mean squared error. */
    ERROR("error", false),
    /** How often the class is the teacher's, from 0 to 1: there were no labels. */
    AGREEMENT("agreement with the teacher", true),
    /** The root of the mean squared difference from the teacher: there were no labels. */
    DIFFERENCE("difference from the teacher", false);

    private final String label;
    private final boolean isShare;

    Measure(String label, boolean isShare) {
      this.label = label;
      this.isShare = isShare;
    }

    /** In words. */
    public String label() {
      return label;
    }

    /** Whether it is a share from 0 to 1, of which more is better; else less is. */
    public boolean isShare() {
      return isShare;
    }
  }

  /** The student: the best epoch's by validation, else the last one's. */
  public Model model() {
    return training.model();
  }
}
