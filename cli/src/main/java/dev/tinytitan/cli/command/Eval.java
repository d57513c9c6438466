package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.evaluate.Confusion;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan eval}: how good a model's answers are. */
@Command(
    name = "eval",
    description = {
      "Runs a model on data and says how good its answers are, with 95 %% confidence intervals.",
      "accuracy: the share of samples whose class has the greatest score; f1: also the mean F1 of"
          + " classes; mse: the mean squared error to the targets (to the inputs, for an autoencoder);"
          + " cosine: to the outputs of --vs."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan eval classifier.onnx --data test.npz --y labels",
      "  titan eval float.onnx --vs int8.onnx --data test.npz"
    })
public final class Eval implements Callable<Integer> {
  private static final int SHOWN_MISTAKES = 8;

  /** What is measured. */
  enum Metric {
    ACCURACY,
    F1,
    MSE,
    COSINE
  }

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file = Path.of("");

  @Option(
      names = "--vs",
      paramLabel = "MODEL2",
      description = "A second model on the same samples, for the paired difference.")
  private @Nullable Path other;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description = {
        "accuracy, f1, mse or cosine (default: accuracy where the labels are classes, else mse, or"
            + " cosine with --vs)."
      })
  private @Nullable Metric metric;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "At most so many samples, from the first on (default: all).")
  private int most = Integer.MAX_VALUE;

  @Mixin private DataOptions data = new DataOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Eval() {}

  /** One model's scores: one number for each sample, and for classes what was taken for what. */
  private static final class Scores {
    private final String model;
    private final double[] values;
    private final @Nullable Confusion confusion;

    Scores(String model, double[] values, @Nullable Confusion confusion) {
      this.model = model;
      this.values = values;
      this.confusion = confusion;
    }

    String model() {
      return model;
    }

    double[] values() {
      return values;
    }

    @Nullable Confusion confusion() {
      return confusion;
    }

    Interval interval() {
      return confusion == null
          ? Interval.ofMean(values)
          : Interval.ofShare(confusion.hits(), confusion.total());
    }
  }

  @Override
  public Integer call() {
    if (most < 1) {
      throw new CommandFailure("--samples must be at least 1, not " + most + ".");
    }
    Model model = Model.load(file);
    Model second = other == null ? null : Model.load(other);
    ModelData samples = data.open(model);
    Metric wanted = metric(samples);
    List<Scores> scores = new ArrayList<>();
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr());
        Session session = engine.open(model);
        Session versus = second == null ? null : engine.open(second)) {
      if (wanted != Metric.COSINE) {
        scores.add(score(String.valueOf(file.getFileName()), session, samples, wanted, progress));
        if (versus != null && other != null) {
          scores.add(score(String.valueOf(other.getFileName()), versus, samples, wanted, progress));
        }
      } else if (versus != null && other != null) {
        scores.add(
            cosines(String.valueOf(other.getFileName()), session, versus, samples, progress));
      } else {
        throw new CommandFailure("--metric cosine compares two models: name the other with --vs.");
      }
    }
    print(wanted, scores, samples);
    return 0;
  }

  private Metric metric(ModelData samples) {
    if (metric != null) {
      return metric;
    }
    if (samples.samples().get(0).label().isPresent()) {
      return Metric.ACCURACY;
    }
    return samples.targets().isEmpty() && other != null ? Metric.COSINE : Metric.MSE;
  }

  private int size(ModelData samples) {
    return Math.min(most, samples.samples().size());
  }

  private Scores score(
      String name, Session session, ModelData samples, Metric wanted, ProgressDisplay progress) {
    int size = size(samples);
    double[] values = new double[size];
    Confusion confusion = null;
    for (int i = 0; i < size; i++) {
      Sample sample = samples.samples().get(i);
      Tensor output = session.run(sample.inputs()).values().iterator().next();
      if (wanted == Metric.MSE) {
        values[i] = squaredError(sample, output, samples, i);
      } else {
        int truth = label(sample, output, i);
        if (confusion == null) {
          confusion = new Confusion(output.size());
        }
        int answer = greatest(output);
        confusion.add(truth, answer);
        values[i] = truth == answer ? 1 : 0;
      }
      progress.report("evaluate " + name, i + 1, size);
    }
    return new Scores(name, values, confusion);
  }

  private Scores cosines(
      String name, Session session, Session versus, ModelData samples, ProgressDisplay progress) {
    int size = size(samples);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      Sample sample = samples.samples().get(i);
      Map<String, Tensor> expected = session.run(sample.inputs());
      Map<String, Tensor> actual = versus.run(sample.inputs());
      String output = expected.keySet().iterator().next();
      Tensor found = actual.get(output);
      if (found == null) {
        throw new CommandFailure("The second model has no output '" + output + "'.");
      }
      values[i] =
          Compare.Distance.of(output, List.of(expected.get(output)), List.of(found)).cosine();
      progress.report("compare", i + 1, size);
    }
    return new Scores(name, values, null);
  }

  private static int label(Sample sample, Tensor output, int index) {
    int truth =
        sample
            .label()
            .orElseThrow(() ->
                new BadDataException(
                    "Accuracy needs labels, but sample "
                        + index
                        + " has no class: name the"
                        + " array or column with --y."));
    if (truth < 0 || truth >= output.size()) {
      throw new BadDataException(
          "Sample "
              + index
              + " is of class "
              + truth
              + ", but the model knows classes 0 to "
              + (output.size() - 1)
              + ".");
    }
    return truth;
  }

  private static int greatest(Tensor scores) {
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      if (scores.getDouble(i) > scores.getDouble(best)) {
        best = i;
      }
    }
    return best;
  }

  private static double squaredError(Sample sample, Tensor output, ModelData samples, int index) {
    Tensor truth;
    int from;
    if (samples.targets().isPresent()) {
      truth = samples.targets().get();
      from = index * (truth.size() / truth.shape().dim(0));
      requireSize(truth.size() / truth.shape().dim(0), output);
    } else {
      truth = sample.inputs().values().iterator().next();
      from = 0;
      requireSize(truth.size(), output);
    }
    double sum = 0;
    for (int i = 0; i < output.size(); i++) {
      double error = output.getDouble(i) - truth.getDouble(from + i);
      sum += error * error;
    }
    return sum / output.size();
  }

  private static void requireSize(int targets, Tensor output) {
    if (targets != output.size()) {
      throw new BadDataException(
          "The model gives "
              + output.size()
              + " values for a sample, but there are "
              + targets
              + " targets: name the targets with --y, or take another --metric.");
    }
  }

  // Output.

  private void print(Metric wanted, List<Scores> scores, ModelData samples) {
    PrintWriter out = spec.commandLine().getOut();
    boolean share = wanted == Metric.ACCURACY || wanted == Metric.F1;
    Interval difference = scores.size() == 2 ? difference(scores) : null;
    if (common.json) {
      Json.print(out, json(wanted, scores, difference));
    } else {
      Table table =
          share
              ? new Table("model", "samples>", "accuracy>", "95 % interval>", "macro F1>")
              : new Table("model", "samples>", name(wanted) + ">", "95 % interval>");
      for (Scores each : scores) {
        Interval interval = each.interval();
        int count = each.values().length;
        if (share && each.confusion() != null) {
          table.row(
              each.model(),
              count,
              percent(interval.value()),
              percent(interval.low()) + " to " + percent(interval.high()),
              String.format(Locale.ROOT, "%.4f", each.confusion().macroF1()));
        } else {
          table.row(
              each.model(),
              count,
              number(interval.value()),
              number(interval.low()) + " to " + number(interval.high()));
        }
      }
      table.print(out);
      if (difference != null) {
        out.println();
        out.println(
            "second minus first, paired: "
                + (share
                    ? points(difference.value())
                        + " percentage points, 95 % interval "
                        + points(difference.low())
                        + " to "
                        + points(difference.high())
                    : number(difference.value())
                        + ", 95 % interval "
                        + number(difference.low())
                        + " to "
                        + number(difference.high())));
      }
      scores.forEach(each -> printMistakes(out, each, samples.classNames()));
    }
    out.flush();
  }

  private static Interval difference(List<Scores> scores) {
    double[] first = scores.get(0).values();
    double[] second = scores.get(1).values();
    // A drop is first minus second; what is shown is the other way round.
    return scores.get(0).confusion() == null
        ? PairedDrop.of(second, first).interval()
        : PairedDrop.ofHits(second, first, 1).interval();
  }

  private static void printMistakes(PrintWriter out, Scores scores, List<String> names) {
    if (scores.confusion() == null || scores.confusion().mistakes().isEmpty()) {
      return;
    }
    out.println();
    out.println("most frequent mistakes of " + scores.model());
    Table table = new Table("class", "taken for", "times>", "of>");
    scores.confusion().mistakes().stream()
        .limit(SHOWN_MISTAKES)
        .forEach(mistake ->
            table.row(
                className(names, mistake.truth()),
                className(names, mistake.answer()),
                mistake.count(),
                mistake.of()));
    table.print(out);
  }

  private static String className(List<String> names, int index) {
    return index < names.size() ? names.get(index) : Integer.toString(index);
  }

  private static Map<String, Object> json(
      Metric wanted, List<Scores> scores, @Nullable Interval difference) {
    List<Object> models = new ArrayList<>();
    for (Scores each : scores) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("model", each.model());
      entry.put("samples", each.values().length);
      entry.put(wanted == Metric.F1 ? "accuracy" : name(wanted), each.interval());
      if (each.confusion() != null) {
        entry.put("macroF1", each.confusion().macroF1());
        entry.put("mistakes", each.confusion().mistakes());
      }
      models.add(entry);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("metric", name(wanted));
    result.put("models", models);
    if (difference != null) {
      result.put("pairedDifference", difference);
    }
    return result;
  }

  private static String name(Metric wanted) {
    return wanted.name().toLowerCase(Locale.ROOT);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static String points(double share) {
    return String.format(Locale.ROOT, "%+.2f", 100 * share);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }
}
