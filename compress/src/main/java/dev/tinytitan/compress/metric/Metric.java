package dev.tinytitan.compress.metric;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.statistics.Bootstrap;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How good a model's answers are. It keeps a few numbers of each answer, and makes one score of
 * those of all. Stateless; safe for use by many threads. Those whose score is a mean over samples
 * are {@link MeanMetric}s.
 */
public interface Metric {
  /** The names by which {@link #named} knows metrics. */
  List<String> NAMES = List.of("accuracy", "f1", "auc", "rmse", "mse", "mae", "cosine");

  /** What it measures, such as {@code accuracy}. */
  String name();

  /** The unit that scores, drops and budgets are in, such as {@code percentage points}. */
  String unit();

  /**
   * What a hit scores, where each answer is a hit or a miss, which scores 0; 0 for scores that may
   * be anything. Confidence intervals of hits need no assumption about how scores are spread.
   */
  default double hit() {
    return 0;
  }

  /** True if less is better, as with errors. */
  default boolean isError() {
    return false;
  }

  /** True if samples must have a class, or a target. */
  default boolean needsLabels() {
    return false;
  }

  /**
   * How much there is to lose, in the metric's unit: what shares of a loss are shares of.
   *
   * @param before the original's score
   */
  default double scale(double before) {
    return isError() ? Math.max(Math.abs(before), Double.MIN_NORMAL) : 1;
  }

  /**
   * What is kept of one answer.
   *
   * @param outputs the model's answer
   * @param reference the float model's answer to the same sample
   * @return as many numbers for each answer of a model
   * @throws BadDataException if the sample has not got what is needed
   */
  double[] observe(Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference);

  /**
   * The score of some answers.
   *
   * @param answers what was kept of each, at least one
   */
  double score(double[][] answers);

  /** The score of some answers, with its confidence interval: that of a bootstrap over samples. */
  default Interval interval(double[][] answers) {
    return Bootstrap.interval(
        answers.length, score(answers), chosen -> score(pick(chosen, i -> answers[i])));
  }

  /**
   * How much worse answers are than others to the same samples, by a bootstrap over samples.
   *
   * @param before what was kept of the original's
   * @param after of the candidate's, as many
   */
  default PairedDrop drop(double[][] before, double[][] after) {
    double sign = isError() ? -1 : 1;
    return PairedDrop.of(
        before.length,
        sign * (score(before) - score(after)),
        Bootstrap.error(
            before.length,
            chosen ->
                sign * (score(pick(chosen, i -> before[i])) - score(pick(chosen, i -> after[i])))));
  }

  private static double[][] pick(int[] chosen, IntFunction<double[]> source) {
    return IntStream.of(chosen).mapToObj(source).toArray(double[][]::new);
  }

  /** A score for people to read. */
  default String format(double score) {
    return String.format(Locale.ROOT, "%.5g", score);
  }

  /**
   * The metric of this name, one of {@link #NAMES}.
   *
   * @throws IllegalArgumentException if there is none; names all
   */
  static Metric named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "accuracy" -> accuracy();
      case "f1" -> macroF1();
      case "auc" -> areaUnderCurve();
      case "rmse" -> error(ErrorKind.RMSE);
      case "mse" -> error(ErrorKind.MSE);
      case "mae" -> error(ErrorKind.MAE);
      case "cosine" -> cosine();
      default ->
          throw new IllegalArgumentException(
              "'" + name + "' is no metric: " + String.join(", ", NAMES) + " are");
    };
  }

  /**
   * The share of samples whose label has the greatest element of the first output, in percentage
   * points.
   */
  static Metric accuracy() {
    return new AccuracyMetric();
  }

  /**
   * The mean over classes of the F1 score, in percentage points: rare classes count as much as
   * frequent ones. Classes that neither occur nor are answered do not count.
   */
  static Metric macroF1() {
    return new MacroF1Metric();
  }

  /**
   * The area under the receiver operating characteristic, 0 to 1; of more than two classes the mean
   * of each against all others.
   */
  static Metric areaUnderCurve() {
    return new AreaUnderCurveMetric();
  }

  /**
   * How far the first output is from the target, in the target's unit (or its square); from the
   * model's input where samples have no target but as many elements, as with autoencoders.
   */
  static Metric error(ErrorKind kind) {
    return kind == ErrorKind.RMSE ? new RootMeanSquareMetric() : new MeanErrorMetric(kind);
  }

  /** The cosine between all float outputs and the float model's. */
  static Metric cosine() {
    return new CosineMetric();
  }

  /**
   * The cosine between sentence embeddings: the mean of the first output, [batch, length, width],
   * over the tokens that a mask keeps.
   *
   * @param mask the name of the input that is 1 for tokens and 0 for padding, [batch, length]
   */
  static Metric embeddingCosine(String mask) {
    return new EmbeddingMetric(mask);
  }
}
