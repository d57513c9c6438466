package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.TrainingDisplay;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.cli.samples.TrainingSamples;
import dev.tinytitan.compress.distill.DistillationLoss;
import dev.tinytitan.compress.distill.DistillationLoss.ValuePair;
import dev.tinytitan.compress.distill.DistillationOptions;
import dev.tinytitan.compress.distill.DistillationResult;
import dev.tinytitan.compress.distill.DistillationResult.Measure;
import dev.tinytitan.compress.distill.Distiller;
import dev.tinytitan.compress.distill.SelfDistillation;
import dev.tinytitan.compress.distill.Students;
import dev.tinytitan.compress.report.TrainingReport;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan distill}: a small model that answers as a large one does. */
@Command(
    name = "distill",
    description = {
      "Trains a small model, the student, to answer as a large one, the teacher, does; the result is"
          + " standard ONNX.",
      "The student is a new network (--arch), a narrower or shallower copy of the teacher (--width,"
          + " --depth), a given model (--student), such as a pruned one that is to recover, or an"
          + " untrained copy of the teacher (--self). Data need no labels; where they have some,"
          + " these count for what --alpha leaves. Augmented samples are answered by the teacher as"
          + " the student sees them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan distill large.onnx --arch ds-cnn --data train.npz -o small.onnx",
      "  titan distill large.onnx --width 0.5 --data unlabelled.npz -o half.onnx",
      "  titan distill large.onnx --student pruned.onnx --data train.npz -o good.onnx",
      "  titan distill encoder.onnx --depth 0.5 --loss embedding --data x.npz -o e.onnx"
    })
public final class Distill implements Callable<Integer> {
  /** Losses by the names that users know them by. */
  enum Kind {
    SOFT,
    DKD,
    OUTPUTS,
    EMBEDDING,
    FEATURES,
    ATTENTION
  }

  @Parameters(paramLabel = "TEACHER", description = "An ONNX file.")
  private Path file = Path.of("");

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description = "The student is a new network; see titan train.")
  private @Nullable String architecture;

  @Option(
      names = "--student",
      paramLabel = "MODEL",
      description = "The student is this model, and goes on from its weights.")
  private @Nullable Path student;

  @Option(
      names = "--width",
      paramLabel = "X",
      description = "The student is the teacher with this share of its channels and heads.")
  private @Nullable Double width;

  @Option(
      names = "--depth",
      paramLabel = "X",
      description = {
        "The student is the teacher with this share of the layers that repeat: 0.5 for every second"
            + " one. Goes with --width."
      })
  private @Nullable Double depth;

  @Option(
      names = "--self",
      paramLabel = "N",
      description = {
        "The student is an untrained copy of the teacher; so many generations, each taught by the"
            + " one before."
      })
  private @Nullable Integer generations;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "The ONNX file to write.")
  private Path output = Path.of("");

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      split = ",",
      description = {
        "In what the student is to be like the teacher: soft (probabilities), dkd (the right class"
            + " and the others apart), outputs, embedding (direction of the output), features,"
            + " attention (places of feature maps); several with commas (default: soft for classes,"
            + " else outputs)."
      })
  private List<Kind> kinds = List.of();

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description = "Softens probabilities in soft and dkd (default: ${DEFAULT-VALUE}).")
  private double temperature = 4;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      description = {
        "How much the teacher counts, from 0 to 1; labels count for the rest where there are some"
            + " (default: ${DEFAULT-VALUE})."
      })
  private double alpha = 0.9;

  @Option(
      names = "--pair",
      paramLabel = "T=S",
      split = ",",
      description = {
        "For features and attention: a value of the teacher and the student's that is to be like"
            + " it (default: paired by size)."
      })
  private Map<String, String> pairs = new LinkedHashMap<>();

  @Option(
      names = "--cache",
      paramLabel = "FOLDER",
      description = {
        "Keep answers of the teacher that memory does not hold in a file there; it is removed at"
            + " the end."
      })
  private @Nullable Path cache;

  @Mixin private DataOptions data = new DataOptions();
  @Mixin private TrainOptions training = new TrainOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Distill() {}

  @Override
  public Integer call() {
    requireOneStudent();
    training.check();
    TransformOptions.requireWritable(output, training.report);
    Model teacher = Model.load(file);
    PrintWriter err = spec.commandLine().getErr();
    ModelData opened = data.openChecked(teacher, true, err);
    TrainingSamples samples = TrainingSamples.of(opened, teacher);
    Split split = TrainingSamples.split(opened, training.heldBack, training.seed);
    TrainingData train = samples.all().select(split.train());
    boolean classifies = classifies(samples.all());
    TrainingOptions trainingOptions = training.options(samples.all(), classifies);
    DistillationOptions options = options(trainingOptions, samples.all(), classifies);
    Optional<TrainingData> judging = Optional.of(samples.all().select(split.heldBack()));
    PrintWriter out = spec.commandLine().getOut();
    Model learner =
        generations == null ? student(teacher, train, samples.shape(), classifies) : teacher;
    if (!common.json) {
      out.println(
          TrainOptions.summary(
              split, parameters(learner), ", the teacher has " + parameters(teacher)));
      out.flush();
    }
    DistillationResult result;
    try (Interruption interruption = Interruption.listen()) {
      try (ProgressDisplay progress =
          new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
        Measure measure = measure(samples.all(), options, classifies);
        TrainingListener display =
            new TrainingDisplay(
                out,
                progress,
                common.json,
                measure.label(),
                measure.isShare(),
                Math.max(1, train.size() / training.batch),
                interruption::isRequested);
        result =
            generations != null
                ? SelfDistillation.run(teacher, options, generations, train, judging, display)
                : new Distiller(teacher, options).distill(learner, train, judging, display);
      }
      TrainOptions.requireLearned(result.training());
      result.model().save(output);
      report(result, trainingOptions, split);
      print(out, result, teacher);
      out.flush();
      return TrainOptions.verdict(result.training(), err);
    }
  }

  private void requireOneStudent() {
    int ways = 0;
    ways += architecture != null ? 1 : 0;
    ways += student != null ? 1 : 0;
    ways += width != null || depth != null ? 1 : 0;
    ways += generations != null ? 1 : 0;
    if (ways != 1) {
      throw new CommandFailure(
          "Give one student: --arch NAME, --student MODEL, --width and --depth, or --self N.");
    }
    requireShare("--width", width);
    requireShare("--depth", depth);
    if (generations != null && generations < 1) {
      throw new CommandFailure("--self must be at least 1, not " + generations + ".");
    }
    if (!(alpha > 0 && alpha <= 1) || !(temperature > 0)) {
      throw new CommandFailure(
          "--alpha must be over 0 and at most 1, and --temperature over 0, not "
              + alpha
              + " and "
              + temperature
              + ".");
    }
  }

  private static void requireShare(String option, @Nullable Double share) {
    if (share != null && !(share > 0 && share < 1)) {
      throw new CommandFailure(option + " must be over 0 and below 1, not " + share + ".");
    }
  }

  /** Whether the teacher tells classes apart: by its labels, else by the losses that are wanted. */
  private boolean classifies(TrainingData all) {
    boolean soft = kinds.contains(Kind.SOFT) || kinds.contains(Kind.DKD);
    boolean values =
        kinds.contains(Kind.OUTPUTS) || kinds.contains(Kind.EMBEDDING) || !all.hasClasses();
    return soft || (all.hasTargets() ? !values || all.hasClasses() : kinds.isEmpty());
  }

  private DistillationOptions options(
      TrainingOptions trainingOptions, TrainingData all, boolean classifies) {
    List<Kind> wanted = kinds.isEmpty() ? List.of(classifies ? Kind.SOFT : Kind.OUTPUTS) : kinds;
    List<ValuePair> values = new ArrayList<>();
    pairs.forEach((of, to) -> values.add(new ValuePair(of, to)));
    List<DistillationOptions.Part> parts = new ArrayList<>();
    for (Kind kind : wanted) {
      DistillationLoss loss =
          switch (kind) {
            case SOFT -> DistillationLoss.softTargets(temperature);
            case DKD -> DistillationLoss.decoupled(temperature);
            case OUTPUTS -> new DistillationLoss.Outputs();
            case EMBEDDING -> new DistillationLoss.Embedding();
            case FEATURES -> new DistillationLoss.Features(values);
            case ATTENTION -> new DistillationLoss.AttentionTransfer(values);
          };
      parts.add(new DistillationOptions.Part(loss, alpha));
    }
    DistillationOptions options =
        DistillationOptions.of(parts.getFirst().loss(), trainingOptions)
            .withParts(parts)
            .withLabelWeight(all.hasTargets() ? 1 - alpha : 0);
    return cache == null ? options : options.withCacheFolder(cache);
  }

  private Model student(Model teacher, TrainingData train, Shape shape, boolean classifies) {
    if (student != null) {
      return Model.load(student);
    }
    if (architecture != null) {
      TrainOptions.requireArchitecture(architecture);
      return Students.ofArchitecture(
          architecture, teacher, train, sampleShape(shape), classifies, training.seed);
    }
    Model made = depth == null ? teacher : Students.shallower(teacher, depth);
    return width == null ? made : Students.narrower(made, width);
  }

  /** The shape that a new network takes: the teacher's, but rows as the data have them. */
  private Shape sampleShape(Shape shape) {
    if (shape.rank() == 1) {
      try (Dataset own = data.dataset()) {
        return own.sampleShape().size() == shape.size() ? own.sampleShape() : shape;
      }
    }
    boolean channelsLast = shape.rank() == 3 && shape.dim(2) <= 4 && shape.dim(0) > 4;
    if (!channelsLast) {
      return shape;
    }
    if (shape.dim(2) > 1) {
      throw new BadDataException(
          "The teacher takes images with their channels last, "
              + shape
              + ", and new networks take them first; give the student with --student, --width or"
              + " --depth.");
    }
    return Shape.of(1, shape.dim(0), shape.dim(1));
  }

  private static Measure measure(
      TrainingData all, DistillationOptions options, boolean classifies) {
    boolean labelled =
        all.hasTargets() && (options.labelWeight() > 0 || !all.hasClasses() || classifies);
    if (labelled) {
      return all.hasClasses() ? Measure.ACCURACY : Measure.ERROR;
    }
    return classifies ? Measure.AGREEMENT : Measure.DIFFERENCE;
  }

  private static long parameters(Model model) {
    return model.graph().initializers().values().stream()
        .filter(tensor -> tensor.dtype().isFloat())
        .mapToLong(tensor -> tensor.size())
        .sum();
  }

  private void report(DistillationResult result, TrainingOptions options, Split split) {
    if (training.report == null) {
      return;
    }
    TrainingReport.of(
            new TrainingReport.Facts(
                String.valueOf(output.getFileName()),
                "Taught by "
                    + file.getFileName()
                    + " on "
                    + split.train().length
                    + " samples, judged by "
                    + split.heldBack().length
                    + " others.",
                result.judgedBy().label(),
                result.judgedBy().isShare(),
                result.teacherScore(),
                parameters(result.model())),
            options,
            result.training())
        .save(training.report);
  }

  private void print(PrintWriter out, DistillationResult result, Model teacher) {
    Measure measure = result.judgedBy();
    Optional<EpochReport> best =
        result.training().history().stream().filter(EpochReport::best).reduce((a, b) -> b);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("teacher", file.toString());
      document.put("output", output.toString());
      document.put("parameters", parameters(result.model()));
      document.put("teacherParameters", parameters(teacher));
      document.put("metric", measure.name().toLowerCase(Locale.ROOT));
      document.put("best", best.map(EpochReport::score).orElse(null));
      document.put(
          "teacherScore",
          result.teacherScore().isPresent() ? result.teacherScore().getAsDouble() : null);
      document.put("stop", result.training().stop().name().toLowerCase(Locale.ROOT));
      document.put("detail", result.training().detail());
      document.put("seed", training.seed);
      document.put("history", result.training().history());
      Json.print(out, document);
      return;
    }
    if (result.training().stop() != TrainingResult.Stop.DIVERGED) {
      out.println(result.training().detail());
    }
    best.ifPresent(report -> out.println(sentence(result, report)));
    out.println("Wrote " + output + ", " + Units.bytes(result.model().toBytes().length) + ".");
  }

  private static String sentence(DistillationResult result, EpochReport report) {
    Measure measure = result.judgedBy();
    String format = measure.isShare() ? "%.2f %%" : "%.4g";
    double factor = measure.isShare() ? 100 : 1;
    String text =
        String.format(
            Locale.ROOT,
            "Kept epoch %d: %s " + format,
            report.epoch(),
            measure.label(),
            factor * report.score());
    return text
        + (result.teacherScore().isPresent()
            ? String.format(
                Locale.ROOT,
                ", the teacher's " + format + ".",
                factor * result.teacherScore().getAsDouble())
            : ".");
  }
}
