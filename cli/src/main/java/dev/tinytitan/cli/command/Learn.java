package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.edge.learn.Budget;
import dev.tinytitan.edge.learn.Learner;
import dev.tinytitan.edge.learn.LearnerOptions;
import dev.tinytitan.edge.learn.Lesson;
import dev.tinytitan.edge.learn.MemoryUse;
import dev.tinytitan.edge.learn.Method;
import dev.tinytitan.edge.learn.UpdatePlan;
import dev.tinytitan.edge.learn.Verdict;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan learn}: a deployed model learns from a stream of samples within a budget. */
@Command(
    name = "learn",
    description = {
      "Lets a deployed model, float or quantized, go on learning from labelled samples, one at a"
          + " time and in their order, in a budget of memory. What is learned is judged on samples held back before it"
          + " is used; the result is ONNX of the same kind.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan learn model.onnx --data new.npz --budget 256KB -o learned.onnx",
      "  titan learn model.onnx --data me.csv --budget 64KB --method last-layer --delta me.delta"
    })
public final class Learn implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "The deployed ONNX file.")
  private Path file = Path.of("");

  @Option(
      names = "--budget",
      paramLabel = "BYTES",
      required = true,
      description = "Training memory beyond inference, such as 256KB.")
  private String budget = "";

  @Option(
      names = "--step-ms",
      paramLabel = "X",
      description = "The longest time of a step, in milliseconds (default: any).")
  private double stepMillis = Double.POSITIVE_INFINITY;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "auto, last-layer, bias, sparse, low-rank or full (default: auto).",
      converter = MethodConverter.class)
  private Method method = Method.AUTO;

  @Option(
      names = "--replay",
      paramLabel = "BYTES",
      description = "The replay buffer (default: ${DEFAULT-VALUE}).")
  private String replay = "64KB";

  @Option(names = "--lr", paramLabel = "X", description = "The learning rate.")
  private @Nullable Double rate;

  @Option(names = "--steps", paramLabel = "N", description = "Batches for each new sample.")
  private @Nullable Integer steps;

  @Option(
      names = "--hold-back",
      paramLabel = "X",
      description = "What part of the data judges before and after (default: ${DEFAULT-VALUE}).")
  private double heldBack = 0.2;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(names = "--engine", paramLabel = "NAME", description = "Default: the best there is.")
  private String engine = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "The ONNX file to write.")
  private @Nullable Path output;

  @Option(
      names = "--delta",
      paramLabel = "FILE",
      description = "Write what was learned as a small file beside the model.")
  private @Nullable Path delta;

  @Option(
      names = "--store",
      paramLabel = "FOLDER",
      description = "Keep versions and a journal there; go on from the last good version.")
  private @Nullable Path store;

  @Mixin private DataSource data = new DataSource();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Learn() {}

  /** {@code last-layer} and the like. */
  static final class MethodConverter implements picocli.CommandLine.ITypeConverter<Method> {
    @Override
    public Method convert(String value) {
      try {
        return Method.of(value);
      } catch (IllegalArgumentException error) {
        throw new picocli.CommandLine.TypeConversionException(String.valueOf(error.getMessage()));
      }
    }
  }

  @Override
  public Integer call() {
    if (output == null && delta == null && store == null) {
      throw new CommandFailure("Say where it goes: -o OUT, --delta FILE or --store FOLDER.");
    }
    if (!(heldBack > 0 && heldBack < 1)) {
      throw new CommandFailure("--hold-back must be over 0 and below 1, not " + heldBack + ".");
    }
    EngineOptions.requireEngine(engine);
    TransformOptions.requireWritable(output, delta);
    Model model = Model.load(file);
    try (Dataset opened = data.open()) {
      Dataset samples = opened.inMemory();
      int[] labels =
          samples
              .labels()
              .orElseThrow(
                  () -> new BadDataException("The data have no labels; name their array with --y."))
              .toIntArray();
      Split split = Split.of(samples, heldBack, seed);
      try (Interruption interruption = Interruption.listen();
          Learner learner = learner(model);
          ProgressDisplay progress =
              new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
        if (!common.json) {
          PrintWriter out = spec.commandLine().getOut();
          out.println(
              split.train().length
                  + " samples to learn from, "
                  + split.heldBack().length
                  + " held back");
          out.flush();
        }
        double before = accuracy(learner, samples, labels, split.heldBack());
        int firstRight = 0;
        int done = 0;
        for (int index : split.train()) {
          if (interruption.isRequested()) {
            break;
          }
          Lesson lesson = lesson(learner, samples, labels, index);
          firstRight += lesson.wasRight() ? 1 : 0;
          progress.report("learning", ++done, split.train().length);
        }
        if (done < split.train().length) {
          DataOptions.note(
              spec.commandLine().getErr(),
              "Stopped after " + done + " of " + split.train().length + " samples.");
        }
        Verdict verdict = learner.commit();
        double after = accuracy(learner, samples, labels, split.heldBack());
        if (output != null) {
          learner.model().save(output);
        }
        if (delta != null) {
          learner.delta().save(delta);
        }
        Outcome outcome =
            new Outcome(
                before, after, firstRight / (double) Math.max(1, done), split, learner, verdict);
        print(outcome);
      }
    }
    return 0;
  }

  /** Learns one sample; an error says which. */
  private static Lesson lesson(Learner learner, Dataset samples, int[] labels, int index) {
    try {
      return learner.learn(fitted(samples.sample(index), learner.model()), labels[index]);
    } catch (BadDataException error) {
      throw new BadDataException(
          "Sample " + index + " (counted from 0): " + error.getMessage(), error);
    }
  }

  private Learner learner(Model model) {
    return store == null ? Learner.of(model, options()) : Learner.open(model, options(), store);
  }

  /** What is told at the end. */
  private record Outcome(
      double before,
      double after,
      double whileLearning,
      Split split,
      Learner learner,
      Verdict verdict) {}

  private LearnerOptions options() {
    LearnerOptions options =
        LearnerOptions.of(new Budget(Budget.bytes(budget), stepMillis))
            .withMethod(method)
            .withReplayBytes(replay.equals("0") ? 0 : Budget.bytes(replay))
            .withSeed(seed)
            .withEngine(engine);
    if (rate != null) {
      options = options.withLearningRate(rate);
    }
    return steps == null ? options : options.withSteps(steps);
  }

  private static Tensor fitted(Tensor sample, Model model) {
    int[] dims =
        model.inputs().getFirst().tensorType().knownDims().stream()
            .mapToInt(dim -> dim.isFixed() ? dim.size() : 1)
            .toArray();
    Shape shape = Shape.of(Arrays.copyOf(dims, dims.length));
    Tensor floats = Tensor.of(sample.toFloatArray(), sample.shape().toArray());
    return floats.size() == shape.size() / shape.dim(0)
        ? floats.reshape(shape.withDim(0, 1))
        : floats;
  }

  private static double accuracy(Learner learner, Dataset samples, int[] labels, int[] which) {
    int right = 0;
    for (int index : which) {
      right +=
          learner.classify(fitted(samples.sample(index), learner.model())) == labels[index] ? 1 : 0;
    }
    return right / (double) which.length;
  }

  private void print(Outcome outcome) {
    PrintWriter out = spec.commandLine().getOut();
    UpdatePlan plan = outcome.learner().plan();
    MemoryUse memory = plan.memory();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("output", output == null ? null : output.toString());
      document.put("delta", delta == null ? null : delta.toString());
      document.put("method", plan.method().label());
      document.put("parameters", plan.parameters());
      document.put("parts", plan.parts());
      document.put("batch", plan.batch());
      document.put("runs", plan.runs());
      document.put("inBytes", plan.inBytes());
      document.put("stepMillis", plan.stepMillis());
      document.put("memory", memory);
      document.put("trainingBytes", memory.training());
      residentBytes().ifPresent(bytes -> document.put("residentBytes", bytes));
      document.put("samples", outcome.split().train().length);
      document.put("heldBack", outcome.split().heldBack().length);
      document.put("accuracyBefore", outcome.before());
      document.put("accuracyAfter", outcome.after());
      document.put("accuracyWhileLearning", outcome.whileLearning());
      document.put("versions", outcome.learner().version());
      document.put("verdict", outcome.verdict());
      document.put("seed", seed);
      Json.print(out, document);
      out.flush();
      return;
    }
    out.printf(
        Locale.ROOT,
        "Learned %s: %d of the model's numbers%s, %d samples a step, %.2f ms a step.%n",
        plan.method().label(),
        plan.parameters(),
        plan.inBytes() ? ", feature maps kept in bytes" : "",
        plan.batch() * plan.runs(),
        plan.stepMillis());
    Table table = new Table("memory", "bytes>", "");
    table.row("inference", Units.bytes(memory.inference()), "planned; not part of the budget");
    table.row("frozen part", Units.bytes(memory.front()), "so that inference goes on meanwhile");
    table.row("step", Units.bytes(memory.arena()), "activations, gradients, learned values");
    table.row("optimizer", Units.bytes(memory.optimizer()), "");
    table.row("frozen weights", Units.bytes(memory.frozenWeights()), "copies behind the cut");
    table.row("training", Units.bytes(memory.training()), "of a budget of " + budget);
    table.row("replay", Units.bytes(memory.replay()), plan.latentBytes() + " bytes a sample");
    residentBytes()
        .ifPresent(bytes ->
            table.row("process", Units.bytes(bytes), "resident now, with the JVM and its code"));
    table.print(out);
    out.printf(
        Locale.ROOT,
        "Accuracy on %d samples held back: %.2f %% before, %.2f %% after.%n",
        outcome.split().heldBack().length,
        100 * outcome.before(),
        100 * outcome.after());
    out.printf(
        Locale.ROOT,
        "The last good version is number %d. By the samples that it held back itself: %s%n",
        outcome.learner().version(),
        outcome.verdict().reason());
    if (outcome.after() < outcome.before()) {
      out.printf(
          Locale.ROOT,
          "What was learned is worse than the model that was given, by samples that neither learning"
              + " nor its gate saw: look at the labels before you use it.%n");
    }
    for (Path written : Arrays.asList(output, delta)) {
      if (written != null) {
        out.println("Wrote " + written + ", " + Units.bytes(written.toFile().length()) + ".");
      }
    }
    out.flush();
  }

  /** What the process has in memory, where Linux says it. */
  private static OptionalLong residentBytes() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst();
    } catch (IOException error) {
      return OptionalLong.empty();
    }
  }
}
