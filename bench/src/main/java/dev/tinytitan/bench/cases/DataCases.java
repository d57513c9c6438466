package dev.tinytitan.bench.cases;

import dev.tinytitan.Model;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * One small model for each of several sets of real data: trained, then made int8, each judged on
 * groups (patients, people, engines…) that neither training nor calibration saw. Prints a line for
 * each case, fold and seed.
 */
@Command(
    name = "cases",
    mixinStandardHelpOptions = true,
    description = "Trains, compresses and judges one small model for each set of real data.")
public final class DataCases implements Callable<Integer> {
  private static final List<DataCase> CASES =
      List.of(
          new Ecg(), new Activity(), new Bearing(), new Digits(), new ChestXray(), new Turbofan());

  private static final int CALIBRATION = 200;

  @Parameters(paramLabel = "DATASETS", description = "Holds a folder for each set of data.")
  private Path datasets = Path.of("");

  @Option(names = "--only", paramLabel = "NAME", description = "Only this case.")
  private String only = "";

  @Option(names = "--seeds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int seeds = 1;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Train with all that DATASETS holds, judge on this file of the same form.")
  private @Nullable Path test;

  @Option(
      names = "--all",
      description = "Train with all that DATASETS holds, and judge on nothing (or on --test).")
  private boolean all;

  @Option(names = "--out", paramLabel = "FOLDER", description = "Keep the models here.")
  private @Nullable Path folder;

  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
  private final Table table =
      new Table(
          "case",
          "judged on",
          "seed>",
          "measure",
          "target>",
          "float32>",
          "int8>",
          "float32 bytes>",
          "int8 bytes>",
          "seconds>");

  private DataCases() {}

  /** Runs the cases. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new DataCases()).execute(args));
  }

  /** The cases, in the order in which they run. */
  static List<DataCase> all() {
    return CASES;
  }

  @Override
  public Integer call() throws IOException {
    for (DataCase each : CASES) {
      if (!only.isEmpty() && !each.name().equals(only)) {
        continue;
      }
      Recordings recordings = each.read(datasets.resolve(each.folder()).resolve("train.npz"));
      for (int seed = 1; seed <= seeds; seed++) {
        if (all && test == null) {
          judge(each, recordings, Fold.of("nothing", new int[0]), seed);
        } else if (test == null) {
          for (Fold fold : each.folds(recordings, seed)) {
            judge(each, recordings, fold, seed);
          }
        } else {
          int known = recordings.data().size();
          Recordings both = recordings.and(each.read(test));
          int[] judged = IntStream.range(known, both.data().size()).toArray();
          judge(each, both, Fold.of("test file", judged), seed);
        }
      }
    }
    table.print(out);
    return 0;
  }

  private void judge(DataCase each, Recordings raw, Fold fold, int seed) throws IOException {
    long start = System.nanoTime();
    int[] train = others(raw, fold.judged());
    Scaling scaling = raw.scaling(train, each.unit());
    TrainingData learnt = raw.data().select(train);
    Network network = new Network(each.name(), seed);
    Layer output = each.network(network.input(raw.shape().toArray()), raw.outputs());
    Model fresh = learnt.hasClasses() ? network.classifier(output) : network.model(output);
    TrainingOptions options = each.training(raw, train).withSeed(seed);
    Model model;
    try (Trainer trainer = Trainer.of(fresh, options)) {
      Model scaled =
          trainer.fit(scaling.apply(learnt), Optional.empty(), TrainingListener.SILENT).model();
      model = scaling.into(scaled, raw.shape());
    }
    Model small =
        new Quantizer(QuantizationOptions.of(Scheme.INT8))
            .quantize(model, calibration(raw, learnt), Samples.none())
            .model();
    double seconds = (System.nanoTime() - start) / 1e9;
    String[] cells = {
      each.name(),
      fold.name(),
      Integer.toString(seed),
      each.measure().name().toLowerCase(Locale.ROOT).replace('_', ' '),
      format(each, each.target()),
      measure(each, model, raw, fold),
      measure(each, small, raw, fold),
      Long.toString(bytes(model, each.name() + "-" + seed + "-float32.onnx")),
      Long.toString(bytes(small, each.name() + "-" + seed + "-int8.onnx")),
      String.format(Locale.ROOT, "%.0f", seconds)
    };
    out.println(String.join("  ", cells));
    table.row((Object[]) cells);
  }

  private static int[] others(Recordings recordings, int[] judged) {
    Set<Integer> out = new HashSet<>();
    Arrays.stream(judged).forEach(out::add);
    return IntStream.range(0, recordings.data().size()).filter(i -> !out.contains(i)).toArray();
  }

  private static Samples calibration(Recordings recordings, TrainingData learnt) {
    int step = Math.max(1, learnt.size() / CALIBRATION);
    int[] dims = new int[recordings.shape().rank() + 1];
    dims[0] = 1;
    System.arraycopy(recordings.shape().toArray(), 0, dims, 1, dims.length - 1);
    int size = learnt.sampleSize();
    return Samples.of(
        Math.min(CALIBRATION, learnt.size()),
        index -> {
          int from = index * step * size;
          float[] sample = Arrays.copyOfRange(learnt.samples(), from, from + size);
          return Sample.of(Map.of("input", Tensor.of(sample, dims)));
        });
  }

  private static String measure(DataCase each, Model model, Recordings recordings, Fold fold) {
    if (fold.judged().length == 0) {
      return "";
    }
    TrainingData unseen = recordings.data().select(fold.judged());
    return format(each, each.measure().of(model, unseen, recordings.outputs(), fold.kinds()));
  }

  private static String format(DataCase each, double value) {
    return each.measure().isError()
        ? String.format(Locale.ROOT, "%.2f", value)
        : String.format(Locale.ROOT, "%.2f %%", 100 * value);
  }

  private long bytes(Model model, String name) throws IOException {
    if (folder != null) {
      Path file = Files.createDirectories(folder).resolve(name);
      model.save(file);
      return Files.size(file);
    }
    Path file = Files.createTempFile("titan", ".onnx");
    try {
      model.save(file);
      return Files.size(file);
    } finally {
      Files.delete(file);
    }
  }
}
