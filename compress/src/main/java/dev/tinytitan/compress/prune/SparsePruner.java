package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Exclusion;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.math.HessianAccumulator;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sets weights of a model to zero. The model keeps its shapes: it becomes faster only on kernels
 * that know the pattern, and smaller only when it is packed.
 *
 * <pre>{@code
 * SparseOptions options =
 *     SparseOptions.of(SparsePattern.of("2:4"), 0.5, SparseMethod.SPARSE_GPT);
 * SparseResult result = new SparsePruner(options).prune(model, samples);
 * }</pre>
 *
 * <p>The same model, samples and options give the same model. Immutable and safe for use by many
 * threads.
 */
public final class SparsePruner {
  /** At most so many rows of inputs of one layer are taken from one sample. */
  private static final int ROWS_PER_SAMPLE = 256;

  /** Second moments that are gathered in one pass through the samples take about so much. */
  private static final long BYTES_PER_PASS = 512L << 20;

  private final SparseOptions options;
  private final Progress progress;
  private final Optional<FineTuning> training;
  private final Optional<Model> early;

  /** A pruner that tells nobody how far it is. */
  public SparsePruner(SparseOptions options) {
    this(options, Progress.NONE);
  }

  /** A pruner that reports its progress. */
  public SparsePruner(SparseOptions options, Progress progress) {
    this(options, progress, Optional.empty(), Optional.empty());
  }

  private SparsePruner(
      SparseOptions options,
      Progress progress,
      Optional<FineTuning> training,
      Optional<Model> early) {
    this.options = options;
    this.progress = progress;
    this.training = training;
    this.early = early;
  }

  /**
   * The same, training the model: while weights become zero, if the method picks them so, else
   * after that. Zeros stay zero.
   */
  public SparsePruner withTraining(FineTuning value) {
    return new SparsePruner(options, progress, Optional.of(value), early);
  }

  /**
   * The same, training on from the parameters that the model had earlier, but for those that become
   * zero (rewinding; Frankle et al. 2019, arXiv:1903.01611). Goes with {@link #withTraining} and
   * methods that pick before it.
   *
   * @param value the same graph, as it was after few steps
   */
  public SparsePruner withRewinding(Model value) {
    return new SparsePruner(options, progress, training, Optional.of(value));
  }

  /**
   * Prunes by weights alone.
   *
   * @throws BadDataException if the method needs samples, or the model has no layer to prune
   */
  public SparseResult prune(Model model) {
    return prune(model, Samples.none());
  }

  /**
   * Prunes, seeing inputs of layers on a half of the samples and judging the result by the other.
   *
   * @throws BadDataException as {@link #prune(Model, Samples, Samples)}
   */
  public SparseResult prune(Model model, Samples samples) {
    List<Samples> parts = samples.split(0.5, options.seed());
    return samples.size() == 1
        ? prune(model, samples, samples)
        : prune(model, parts.get(0), parts.get(1));
  }

  /**
   * Prunes.
   *
   * @param calibration samples to see inputs of layers on; no labels are needed
   * @param evaluation samples to judge the result by; none of them should be among the others
   * @throws BadDataException if the method needs samples and there are none, the model has no layer
   *     to prune, a name to exclude is unknown, or a sample does not fit the model
   */
  public SparseResult prune(Model model, Samples calibration, Samples evaluation) {
    Samples used = calibration.first(options.mostSamples());
    if (options.method().needsData() && used.size() == 0) {
      throw new BadDataException(
          "The method "
              + options.method().label()
              + " needs samples: give data, or take magnitude, which needs none.");
    }
    requireTrainingWhereNeeded();
    Set<String> excluded = Exclusion.names(model.graph(), options.exclude());
    List<WeightMatrix> matrices =
        WeightMatrix.of(model.graph()).stream()
            .filter(matrix -> !excluded.contains(matrix.name()))
            .toList();
    if (matrices.isEmpty()) {
      throw new BadDataException(
          "The model has no layer whose weights can be set to zero: convolutions and products with"
              + " constant float32 weights can. Prune a model before it is quantized.");
    }
    Model result = trained(model, matrices, used);
    Map<String, Tensor> sparse = result.graph().initializers();
    Map<String, Shape> shapes = new HashMap<>();
    if (used.size() > 0) {
      used.get(0).inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    }
    Footprint before = Footprint.of(model, shapes);
    return new SparseResult(
        result,
        matrices.stream().map(matrix -> report(matrix, sparse)).toList(),
        before,
        before.withWeightsOf(result),
        OutputError.quality(
            model, result, evaluation.first(options.mostSamples()), options.threads()));
  }

  private void requireTrainingWhereNeeded() {
    if (training.isEmpty() && options.method().needsTraining()) {
      throw new BadDataException(
          "The method "
              + options.method().label()
              + " picks weights while the model is trained: say how to train, or take magnitude.");
    }
    if (early.isPresent() && (training.isEmpty() || options.method().needsTraining())) {
      throw new BadDataException(
          "Rewinding goes with training after weights were picked, not with the method "
              + options.method().label()
              + (training.isEmpty() ? " without training." : "."));
    }
  }

  private Model trained(Model model, List<WeightMatrix> matrices, Samples samples) {
    if (options.method().needsTraining()) {
      return training.orElseThrow().train(model, new GradualMasking(options, matrices));
    }
    Map<String, Tensor> sparse = oneShot(model, matrices, samples);
    Graph.Builder graph = model.graph().toBuilder();
    sparse.forEach(graph::initializer);
    early.ifPresent(earlier -> rewind(graph, earlier, sparse, model));
    Model pruned = Model.of(graph.build(), model.info());
    return training.map(value -> value.train(pruned)).orElse(pruned);
  }

  /** The parameters of an earlier model, with the zeros that were found since. */
  private static void rewind(
      Graph.Builder graph, Model earlier, Map<String, Tensor> sparse, Model model) {
    Map<String, Tensor> before = earlier.graph().initializers();
    model
        .graph()
        .initializers()
        .forEach((name, tensor) -> {
          Tensor old = before.get(name);
          if (old == null || !old.shape().equals(tensor.shape()) || old.dtype() != tensor.dtype()) {
            throw new BadDataException(
                "The earlier model has no parameters '"
                    + name
                    + "' of the same shape: it is another network.");
          }
          Tensor copy = old.copy();
          Tensor mask = sparse.get(name);
          for (int i = 0; mask != null && i < copy.size(); i++) {
            if (mask.getFloat(i) == 0) {
              copy.setFloat(i, 0);
            }
          }
          graph.initializer(name, copy);
        });
  }

  private Map<String, Tensor> oneShot(Model model, List<WeightMatrix> matrices, Samples used) {
    Map<String, Tensor> sparse = new LinkedHashMap<>();
    switch (options.method()) {
      case MAGNITUDE ->
          matrices.forEach(matrix -> sparse.put(constant(matrix), byMagnitude(matrix)));
      case MAGNITUDE_GLOBAL -> global(matrices, sparse);
      case WANDA, SPARSE_GPT -> withInputs(model, matrices, used, sparse);
      case GRADUAL, GRADUAL_GLOBAL, MOVEMENT ->
          throw new IllegalStateException(options.method() + " picks while the model is trained");
    }
    return sparse;
  }

  private static String constant(WeightMatrix matrix) {
    return matrix.slot().constant();
  }

  private static SparseResult.LayerReport report(WeightMatrix matrix, Map<String, Tensor> sparse) {
    Tensor before = matrix.slot().weights();
    Tensor after = sparse.getOrDefault(constant(matrix), before);
    return new SparseResult.LayerReport(
        matrix.name(),
        matrix.slot().node().operator().spec().name(),
        before.size(),
        zeros(before),
        zeros(after));
  }

  private static long zeros(Tensor tensor) {
    long zeros = 0;
    for (int i = 0; i < tensor.size(); i++) {
      zeros += tensor.getFloat(i) == 0 ? 1 : 0;
    }
    return zeros;
  }

  // By weights alone. Squares: a block's score is its energy.

  static double[] squares(double[] weights) {
    return Arrays.stream(weights).map(weight -> weight * weight).toArray();
  }

  private Tensor byMagnitude(WeightMatrix matrix) {
    double[] weights = matrix.read();
    boolean[] zero =
        MaskSelection.pick(
            squares(weights), matrix.columns(), options.pattern(), options.sparsity(), false);
    return masked(matrix, weights, zero);
  }

  private static Tensor masked(WeightMatrix matrix, double[] weights, boolean[] zero) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] = zero[i] ? 0 : weights[i];
    }
    return matrix.write(weights);
  }

  /** All layers compete: finds how much each gives, then lets each give it. */
  private void global(List<WeightMatrix> matrices, Map<String, Tensor> sparse) {
    List<double[]> all = matrices.stream().map(matrix -> squares(matrix.read())).toList();
    double[] shares = sharesOfAll(all, options.sparsity());
    for (int i = 0; i < shares.length; i++) {
      WeightMatrix matrix = matrices.get(i);
      boolean[] zero =
          MaskSelection.pick(all.get(i), matrix.columns(), options.pattern(), shares[i], false);
      sparse.put(constant(matrix), masked(matrix, matrix.read(), zero));
    }
  }

  /**
   * What share each layer gives where all compete, each weight measured against the mean of its
   * layer.
   *
   * @param squares of the weights of each layer
   */
  static double[] sharesOfAll(List<double[]> squares, double sparsity) {
    int total = squares.stream().mapToInt(layer -> layer.length).sum();
    double[] all = new double[total];
    int at = 0;
    for (double[] layer : squares) {
      double mean = Arrays.stream(layer).average().orElse(1);
      for (double square : layer) {
        all[at++] = square / (mean == 0 ? 1 : mean);
      }
    }
    boolean[] marks = new boolean[total];
    MaskSelection.least(all, 0, total, (int) Math.round(sparsity * total), marks);
    double[] shares = new double[squares.size()];
    at = 0;
    for (int i = 0; i < shares.length; i++) {
      int length = squares.get(i).length;
      int given = 0;
      for (int end = at + length; at < end; at++) {
        given += marks[at] ? 1 : 0;
      }
      shares[i] = (double) given / length;
    }
    return shares;
  }

  // By inputs.

  private void withInputs(
      Model model, List<WeightMatrix> matrices, Samples samples, Map<String, Tensor> sparse) {
    List<WeightMatrix> pass = new ArrayList<>();
    long bytes = 0;
    for (WeightMatrix matrix : matrices) {
      long columns = matrix.columns();
      // Products of a row with itself and with that of the dense model, one of them half.
      long size = 12L * matrix.groups() * columns * columns;
      if (!pass.isEmpty() && bytes + size > BYTES_PER_PASS) {
        pass(model, pass, samples, sparse, matrices.size());
        pass.clear();
        bytes = 0;
      }
      pass.add(matrix);
      bytes += size;
    }
    pass(model, pass, samples, sparse, matrices.size());
  }

  private void pass(
      Model model,
      List<WeightMatrix> matrices,
      Samples samples,
      Map<String, Tensor> sparse,
      int total) {
    Map<WeightMatrix, HessianAccumulator> moments = new LinkedHashMap<>();
    for (WeightMatrix matrix : matrices) {
      moments.put(matrix, new HessianAccumulator(matrix.input(), ROWS_PER_SAMPLE));
    }
    List<String> values =
        matrices.stream().map(matrix -> matrix.slot().activation()).distinct().toList();
    try (ObservedModel observed =
        ObservedModel.open(model.graph(), model.info(), values, options.threads())) {
      for (int i = 0; i < samples.size(); i++) {
        Map<String, Tensor> seen = observed.run(samples.get(i), i);
        moments.forEach((matrix, sums) -> {
          Tensor value = seen.get(matrix.slot().activation());
          if (value != null && value.dtype() == DType.FLOAT32) {
            sums.add(value);
          }
        });
        progress.report("see inputs", i + 1, samples.size());
      }
    }
    moments.forEach((matrix, sums) -> {
      sparse.put(constant(matrix), prune(matrix, sums));
      progress.report("prune", sparse.size(), total);
    });
  }

  private Tensor prune(WeightMatrix matrix, HessianAccumulator sums) {
    double[] weights = matrix.read();
    int part = matrix.rowsPerGroup() * matrix.columns();
    for (int group = 0; group < matrix.groups(); group++) {
      HessianAccumulator.Moments seen = sums.moments(group, false);
      if (seen.count() == 0) {
        throw new BadDataException(
            "Layer '" + matrix.name() + "' saw no inputs on the samples: exclude it.");
      }
      double[][] moments = byColumns(matrix, seen.covariance());
      double[] rows = Arrays.copyOfRange(weights, group * part, (group + 1) * part);
      if (options.method() == SparseMethod.WANDA) {
        wanda(rows, moments);
      } else {
        SparseGpt.prune(rows, moments, options);
      }
      System.arraycopy(rows, 0, weights, group * part, part);
    }
    return matrix.write(weights);
  }

  /** In the order of the matrix's columns. */
  private static double[][] byColumns(WeightMatrix matrix, double[][] moments) {
    double[][] ordered = new double[moments.length][moments.length];
    for (int i = 0; i < moments.length; i++) {
      for (int j = 0; j < moments.length; j++) {
        ordered[i][j] = moments[matrix.inputElement(i)][matrix.inputElement(j)];
      }
    }
    return ordered;
  }

  private void wanda(double[] rows, double[][] moments) {
    int columns = moments.length;
    double[] scores = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      scores[i] = rows[i] * rows[i] * moments[i % columns][i % columns];
    }
    boolean[] zero =
        MaskSelection.pick(scores, columns, options.pattern(), options.sparsity(), true);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = zero[i] ? 0 : rows[i];
    }
  }
}
