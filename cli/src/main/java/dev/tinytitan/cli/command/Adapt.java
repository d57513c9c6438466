package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.edge.adapt.AdaptiveRun;
import dev.tinytitan.edge.adapt.Durations;
import dev.tinytitan.edge.adapt.Frame;
import dev.tinytitan.edge.adapt.Goal;
import dev.tinytitan.edge.adapt.MachineSensors;
import dev.tinytitan.edge.adapt.PointProfile;
import dev.tinytitan.edge.adapt.Profiles;
import dev.tinytitan.edge.adapt.Scenario;
import dev.tinytitan.edge.adapt.Sensors;
import dev.tinytitan.edge.adapt.Simulator;
import dev.tinytitan.edge.adapt.Timeline;
import dev.tinytitan.edge.adapt.TimelinePlot;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.TrainingData;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

/** {@code titan adapt}: a model that follows what the device can spare. */
@Command(
    name = "adapt",
    description = {
      "Runs an elastic model (titan compress --elastic) at the point that meets a deadline here and"
          + " now, or switches between several models of the same input; or plays a scenario on a"
          + " simulated device. With --cascade, small models answer where they are sure, and large"
          + " ones otherwise.",
      "Scenarios: load, heat, battery, memory, day, or a YAML file."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan adapt --simulate day --report day.html",
      "  titan adapt classifier.onnx --deadline 20ms --slo 99%% --seconds 20 --busy 4",
      "  titan adapt large.onnx small.onnx --data test.npz --deadline 5ms",
      "  titan adapt large.onnx small.onnx --data test.npz --cascade 0.5"
    })
public final class Adapt implements Callable<Integer> {
  private static final int COLUMNS = 72;
  private static final SessionOptions ONE_THREAD = SessionOptions.defaults().withThreads(1);

  /** A fresh profile takes this long. */
  private static final Duration PROFILING = Duration.ofSeconds(4);

  @Parameters(
      paramLabel = "MODEL",
      arity = "0..*",
      description = {
        "An elastic ONNX file, its .elastic.json beside it; or several models of the same input,"
            + " judged on --data."
      })
  private List<Path> files = List.of();

  @Option(
      names = "--simulate",
      paramLabel = "SCENARIO",
      description = "Play a scenario: load, heat, battery, memory, day, or a YAML file.")
  private @Nullable String scenario;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "In which an answer must be there (default: ${DEFAULT-VALUE}).")
  private String deadline = "20ms";

  @Option(
      names = "--slo",
      paramLabel = "SHARE",
      description = "Share of answers that must be in time (default: 99%%).")
  private String share = "99%";

  @Option(
      names = "--joules",
      paramLabel = "J",
      description = "The most that an answer may take, in joules.")
  private @Nullable Double joules;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long to run (default: ${DEFAULT-VALUE}).")
  private double seconds = 10;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Frames a second (default: ${DEFAULT-VALUE}).")
  private double rate = 30;

  @Option(
      names = "--busy",
      paramLabel = "N",
      description = "Threads that compete for the processor from a third of the time on.")
  private int busy;

  @Option(names = "--refresh", description = "Measure the points again, whatever is stored.")
  private boolean refresh;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write the timeline as a page to open in a browser.")
  private @Nullable Path report;

  @Option(
      names = "--cascade",
      paramLabel = "POINTS",
      description = {
        "Answer by the exits of an elastic model, or by models from the smallest to the largest, as"
            + " soon as one is sure enough. At most so many points of accuracy may be lost, at 95 %%"
            + " confidence: one half of --data says when that is, the other half judges."
      })
  private @Nullable Double cascade;

  @Mixin private DataSource data = new DataSource();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Adapt() {}

  @Override
  public Integer call() {
    if (files.isEmpty() == (scenario == null)) {
      throw new CommandFailure("Give a model, or a scenario with --simulate.");
    }
    if (cascade != null && !(cascade >= 0 && cascade <= 100)) {
      throw new CommandFailure("--cascade takes points from 0 to 100, not " + cascade + ".");
    }
    TransformOptions.requireWritable(report);
    if (!(seconds > 0 && seconds <= 3600) || !(rate > 0 && rate <= 1e4) || busy < 0) {
      throw new CommandFailure(
          "--seconds must be over 0 and at most 3600, --rate over 0 and at most 10000, --busy 0 or"
              + " more.");
    }
    if (files.isEmpty()) {
      return simulate(String.valueOf(scenario));
    }
    if (cascade != null) {
      new CascadeRun(files, data, cascade).run(spec.commandLine().getOut(), common.json);
      return 0;
    }
    return files.size() > 1 ? runSet() : runElastic(files.getFirst());
  }

  private int simulate(String name) {
    Scenario played = Scenario.of(name);
    Simulator.Result result = Simulator.run(played);
    show(
        played.name(),
        result.adaptive(),
        List.of(result.oracle(), result.fixed()),
        "Simulated: no device took part.",
        List.of());
    return 0;
  }

  private int runElastic(Path model) {
    ElasticModel elastic = ElasticModel.load(model);
    try (ElasticSession session = ElasticSession.open(elastic, ONE_THREAD)) {
      run(String.valueOf(model.getFileName()), session, profiles(model, session));
    }
    return 0;
  }

  /** Several models, each a point. What they take is measured each time. */
  private int runSet() {
    List<Model> models = files.stream().map(Model::load).toList();
    List<OperatingPoint> points = new ArrayList<>();
    try (Dataset samples = data.open()) {
      TrainingData judged = TrainingData.of(samples);
      if (!judged.hasClasses()) {
        throw new BadDataException("Models are compared on classes; these data have none.");
      }
      for (int i = 0; i < models.size(); i++) {
        String name = String.valueOf(files.get(i).getFileName()).replaceFirst("\\.onnx$", "");
        double accuracy = Evaluation.score(models.get(i), judged, ONE_THREAD);
        points.add(OperatingPoint.of(name, models.get(i), accuracy));
      }
    }
    try (ElasticSession session = ElasticSession.of(points, models, ONE_THREAD)) {
      run(models.size() + " models", session, measured(session));
    }
    return 0;
  }

  private void run(String title, ElasticSession session, List<PointProfile> profiles) {
    Goal goal = Goal.of(Durations.seconds(deadline), Durations.share(share));
    if (joules != null) {
      if (!(joules > 0)) {
        throw new CommandFailure("--joules must be over 0, not " + joules + ".");
      }
      goal = goal.withJoules(joules);
    }
    Sensors sensors = MachineSensors.find();
    Tensor sample = session.sample();
    try (Interruption interruption = Interruption.listen()) {
      if (!common.json) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
            Locale.ROOT,
            "Running for %.4g s at %.4g frames a second, adapting; then as long at one point.%n",
            seconds,
            rate);
        out.flush();
      }
      List<Timeline> timelines =
          List.of(
              AdaptiveRun.adaptive(session, goal, profiles, sensors, sample, plan(interruption)),
              AdaptiveRun.fixed(session, goal, profiles, sample, plan(interruption)));
      show(
          title,
          timelines.getFirst(),
          timelines.subList(1, 2),
          "Run on this machine; energy is estimated."
              + (interruption.isRequested() ? " Stopped before the end." : ""),
          profiles);
    }
  }

  /** Ctrl-C ends a run early; what was seen so far is shown. */
  private AdaptiveRun.Plan plan(Interruption interruption) {
    return new AdaptiveRun.Plan(seconds, rate, busy, seconds / 3, interruption::isRequested);
  }

  private static List<PointProfile> measured(ElasticSession session) {
    return Profiles.measure(session, session.sample(), PROFILING, EnergyProfiler.ofThisMachine(1));
  }

  private List<PointProfile> profiles(Path model, ElasticSession session) {
    Path stored = Profiles.fileOf(model);
    if (!refresh) {
      Optional<List<PointProfile>> known = Profiles.read(stored, session.points(), Instant.now());
      if (known.isPresent()) {
        return known.get();
      }
    }
    List<PointProfile> measured = measured(session);
    Profiles.write(stored, measured, Instant.now());
    return measured;
  }

  private void show(
      String title,
      Timeline timeline,
      List<Timeline> others,
      String footer,
      List<PointProfile> profiles) {
    if (report != null) {
      TimelinePlot.report(title, timeline, others, footer).save(report);
    }
    PrintWriter out = spec.commandLine().getOut();
    List<Timeline> all = new ArrayList<>(List.of(timeline));
    all.addAll(others);
    if (common.json) {
      Json.print(out, json(title, timeline, all, profiles));
      out.flush();
      return;
    }
    if (!profiles.isEmpty()) {
      Table table = new Table("point", "accuracy>", "multiply-adds>", "time>");
      for (PointProfile each : profiles) {
        table.row(
            each.point().name(),
            percent(each.point().accuracy()),
            Units.count(each.point().multiplyAdds()),
            Units.nanos(each.seconds() * 1e9));
      }
      table.print(out);
      out.println();
    }
    out.println(title);
    TimelinePlot.text(timeline, COLUMNS).forEach(out::println);
    out.println();
    for (Frame frame : timeline.changes()) {
      out.println(
          String.format(Locale.ROOT, "%7.1f s  %s", frame.time(), frame.change().orElse("")));
    }
    out.println();
    Table table = new Table("", "late>", "late after 10>", "accuracy>", "energy>", "switches>");
    for (Timeline each : all) {
      table.row(
          each.title(),
          percent(each.misses()),
          percent(each.misses(10)),
          percent(each.accuracy()),
          Units.joules(each.joules()),
          each.changes().size());
    }
    table.print(out);
    out.println("Late answers count as wrong. " + footer);
    out.flush();
  }

  private static Map<String, Object> json(
      String title, Timeline timeline, List<Timeline> all, List<PointProfile> profiles) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("title", title);
    result.put("profiles", profiles);
    List<Map<String, Object>> runs = new ArrayList<>();
    for (Timeline each : all) {
      Map<String, Object> run = new LinkedHashMap<>();
      run.put("title", each.title());
      run.put("frames", each.frames().size());
      run.put("misses", each.misses());
      run.put("missesAfterTen", each.misses(10));
      run.put("accuracy", each.accuracy());
      run.put("joules", each.joules());
      runs.add(run);
    }
    result.put("runs", runs);
    List<Map<String, Object>> switches = new ArrayList<>();
    for (Frame frame : timeline.changes()) {
      Map<String, Object> change = new LinkedHashMap<>();
      change.put("time", frame.time());
      change.put("point", frame.point().name());
      change.put("reason", frame.change().orElse(""));
      switches.add(change);
    }
    result.put("switches", switches);
    return result;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
