package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.metric.Confusion;
import dev.tinytitan.compress.metric.ErrorKind;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
      "accuracy: the share of samples whose class has the greatest score; f1: the mean F1 of classes;"
          + " auc: the area under the ROC curve; rmse, mse, mae: the error to the targets (to the"
          + " inputs, for an autoencoder); cosine: to the outputs of --vs."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan eval classifier.onnx --data test.npz --y labels",
      "  titan eval float.onnx --vs int8.onnx --data test.npz"
    })
public final class Eval implements Callable<Integer> {
  private static final int SHOWN_MISTAKES = 8;
  private static final Metric ACCURACY = Metric.accuracy();
  private static final Metric F1 = Metric.macroF1();

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
      converter = Converters.MetricConverter.class,
      description = {
        "accuracy, f1, auc, rmse, mse, mae or cosine (default: accuracy where the labels are"
            + " classes, rmse where they are values, else mse, or cosine with --vs)."
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

  /** What the metric keeps of one model's answers. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, is never compared
  private record Scores(String model, double[][] answers) {}

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
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json);
        Session session = engine.open(model);
        Session versus = second == null ? null : engine.open(second)) {
      boolean compares = wanted.name().equals(Metric.cosine().name());
      if (!compares) {
        scores.add(score(String.valueOf(file.getFileName()), session, samples, wanted, progress));
      }
      if (versus != null && other != null) {
        String name = String.valueOf(other.getFileName());
        scores.add(
            compares
                ? cosines(name, session, versus, samples, progress)
                : score(name, versus, samples, wanted, progress));
      } else if (compares) {
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
    Sample first = samples.samples().get(0);
    if (first.label().isPresent()) {
      return Metric.accuracy();
    }
    if (first.target().isPresent()) {
      return Metric.error(ErrorKind.RMSE);
    }
    return other == null ? Metric.error(ErrorKind.MSE) : Metric.cosine();
  }

  private int size(ModelData samples) {
    return Math.min(most, samples.samples().size());
  }

  private Scores score(
      String name, Session session, ModelData samples, Metric wanted, ProgressDisplay progress) {
    int size = size(samples);
    double[][] answers = new double[size][];
    for (int i = 0; i < size; i++) {
      Sample sample = samples.samples().get(i);
      Map<String, Tensor> outputs = session.run(sample.inputs());
      if (wanted.needsLabels()) {
        requireKnown(sample, outputs.values().iterator().next(), i);
      }
      // Accuracy and F1 are both told of classes, and what was taken for what.
      answers[i] = (isOfClasses(wanted) ? F1 : wanted).observe(sample, outputs, outputs);
      progress.report("evaluate " + name, i + 1, size);
    }
    return new Scores(name, answers);
  }

  private static boolean isOfClasses(Metric metric) {
    return metric.equals(ACCURACY) || metric.equals(F1);
  }

  private Scores cosines(
      String name, Session session, Session versus, ModelData samples, ProgressDisplay progress) {
    int size = size(samples);
    double[][] values = new double[size][];
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
          new double[] {
            Compare.Distance.of(output, List.of(expected.get(output)), List.of(found)).cosine()
          };
      progress.report("compare", i + 1, size);
    }
    return new Scores(name, values);
  }

  /** Fails with a sentence unless the sample is of a class that the model knows. */
  private static void requireKnown(Sample sample, Tensor output, int index) {
    if (sample.label().isEmpty() && sample.target().isPresent() && output.size() == 1) {
      return;
    }
    int truth =
        sample
            .label()
            .orElseThrow(() ->
                new BadDataException(
                    "The metric needs labels, but sample "
                        + index
                        + " has no class: name the array or column with --y."));
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
  }

  // Output.

  /** The answers in the form of the metric that was asked for. */
  private static double[][] answers(Metric wanted, Scores scores) {
    if (!wanted.equals(ACCURACY)) {
      return scores.answers();
    }
    return Arrays.stream(scores.answers())
        .map(answer -> new double[] {answer[0] == answer[1] ? ACCURACY.hit() : 0})
        .toArray(double[][]::new);
  }

  private void print(Metric wanted, List<Scores> scores, ModelData samples) {
    PrintWriter out = spec.commandLine().getOut();
    Interval difference = scores.size() == 2 ? difference(wanted, scores) : null;
    if (common.json) {
      Json.print(out, json(wanted, scores, difference));
    } else {
      boolean classes = isOfClasses(wanted);
      Table table =
          classes
              ? new Table(
                  "model", "samples>", "accuracy>", "95 % interval>", "macro F1>", "95 % interval>")
              : new Table("model", "samples>", wanted.name() + ">", "95 % interval>");
      for (Scores each : scores) {
        List<Object> row = new ArrayList<>(List.of(each.model(), each.answers().length));
        for (Metric metric : classes ? List.of(ACCURACY, F1) : List.of(wanted)) {
          Interval interval = metric.interval(answers(metric, each));
          row.add(metric.format(interval.value()));
          row.add(metric.format(interval.low()) + " to " + metric.format(interval.high()));
        }
        table.row(row.toArray());
      }
      table.print(out);
      if (difference != null) {
        out.println();
        out.println(
            "second minus first, paired: "
                + String.format(
                    Locale.ROOT,
                    classes
                        ? "%+.2f percentage points%s, 95 %% interval %+.2f to %+.2f"
                        : "%+.5g%s, 95 %% interval %+.5g to %+.5g",
                    difference.value(),
                    wanted.equals(F1) ? " of F1" : "",
                    difference.low(),
                    difference.high()));
      }
      if (classes) {
        scores.forEach(each -> printMistakes(out, each, samples.classNames()));
      }
    }
    out.flush();
  }

  /** Of two models, how much the second one's score is above the first one's. */
  private static Interval difference(Metric wanted, List<Scores> scores) {
    double[][] first = answers(wanted, scores.get(0));
    double[][] second = answers(wanted, scores.get(1));
    // A drop is how much worse the second is; an error grows by it, any other score falls.
    return wanted.isError()
        ? wanted.drop(first, second).interval()
        : wanted.drop(second, first).interval();
  }

  private static void printMistakes(PrintWriter out, Scores scores, List<String> names) {
    List<Confusion.Mistake> mistakes = Confusion.of(scores.answers()).mistakes();
    if (mistakes.isEmpty()) {
      return;
    }
    out.println();
    out.println("most frequent mistakes of " + scores.model());
    Table table = new Table("class", "taken for", "times>", "of>");
    mistakes.stream()
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

  /** Accuracy and F1 stand as shares of 1. */
  private static Map<String, Object> json(
      Metric wanted, List<Scores> scores, @Nullable Interval difference) {
    boolean classes = isOfClasses(wanted);
    List<Object> models = new ArrayList<>();
    for (Scores each : scores) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("model", each.model());
      entry.put("samples", each.answers().length);
      if (classes) {
        Interval f1 = share(F1.interval(each.answers()));
        entry.put("accuracy", share(ACCURACY.interval(answers(ACCURACY, each))));
        entry.put("macroF1", f1.value());
        entry.put("macroF1Interval", f1);
        entry.put("mistakes", Confusion.of(each.answers()).mistakes());
      } else {
        entry.put(key(wanted), wanted.interval(each.answers()));
      }
      models.add(entry);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("metric", key(wanted));
    result.put("models", models);
    if (difference != null) {
      result.put("pairedDifference", classes ? share(difference) : difference);
    }
    return result;
  }

  private static String key(Metric metric) {
    return metric.equals(F1) ? "f1" : metric.name().toLowerCase(Locale.ROOT);
  }

  private static Interval share(Interval points) {
    double all = ACCURACY.hit();
    return new Interval(points.value() / all, points.low() / all, points.high() / all);
  }
}
