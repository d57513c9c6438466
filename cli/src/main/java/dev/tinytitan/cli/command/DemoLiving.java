package dev.tinytitan.cli.command;

import dev.tinytitan.cli.demo.LivingDemo;
import dev.tinytitan.cli.demo.LivingReport;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.edge.adapt.TimelinePlot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code titan demo living}: a deployed model learns the persons it meets. */
@Command(
    name = "living",
    description = {
      "Trains a recognizer of activities for the wrist with many persons, deploys it in integers,"
          + " lets it learn on the device, in 128 kB, from persons it does not know, takes it"
          + " through a simulated day of load, heat and a falling battery, in which it switches"
          + " between its widths, and writes a page about it all."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  titan demo living", "  titan demo living --data wisdm.npz"})
public final class DemoLiving implements Callable<Integer> {
  /** Of the timeline. */
  private static final int COLUMNS = 68;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description = "Where the model and the page go (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of("titan-living");

  @Option(
      names = "--data",
      paramLabel = "NPZ",
      description = "Activities with x [n, moments, 3], y and subject (default: synthetic ones).")
  private @Nullable Path data;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public DemoLiving() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    LivingDemo.Outcome outcome;
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
      outcome = LivingDemo.run(folder, Optional.ofNullable(data), progress);
    }
    Path page = folder.resolve("living.html");
    LivingReport.of(outcome, data == null ? "synthetic:activity" : data.toString()).save(page);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("report", page.toString());
      document.put("plan", outcome.plan());
      document.put("trainingBytes", outcome.plan().memory().training());
      document.put("persons", outcome.strangers());
      document.put("points", outcome.points());
      document.put("switches", outcome.day().adaptive().changes().size());
      document.put("late", outcome.day().adaptive().misses());
      document.put("lateFixed", outcome.day().fixed().misses());
      document.put("right", outcome.day().right());
      document.put("rightFixed", outcome.day().rightFixed());
      document.put("energySaved", outcome.day().saved());
      document.put("delta", outcome.delta().toString());
      document.put("model", outcome.model().toString());
      document.put("deltaBytes", outcome.delta().toFile().length());
      document.put("modelBytes", outcome.model().toFile().length());
      Json.print(out, document);
    } else {
      print(out, outcome, page);
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, LivingDemo.Outcome outcome, Path page) {
    Table table = new Table("person", "before>", "after>", "others before>", "after>");
    for (LivingDemo.Stranger each : outcome.strangers()) {
      table.row(
          Long.toString(each.person()),
          percent(each.before()),
          percent(each.after()),
          percent(each.othersBefore()),
          percent(each.othersAfter()));
    }
    table.print(out);
    out.printf(
        Locale.ROOT,
        "%nLearned %s from %d windows a person: %d numbers in %s of training memory.%n",
        outcome.plan().method().label(),
        outcome.strangers().getFirst().lessons(),
        outcome.plan().parameters(),
        Units.bytes(outcome.plan().memory().training()));
    out.println();
    TimelinePlot.text(outcome.day().adaptive(), COLUMNS).forEach(out::println);
    out.printf(
        Locale.ROOT,
        "%nThe day: %d switches, %.2f %% late (at the full width: %.2f %%), %.1f %% right and in time"
            + " (%.1f %%), %.0f %% less energy.%n",
        outcome.day().adaptive().changes().size(),
        100 * outcome.day().adaptive().misses(),
        100 * outcome.day().fixed().misses(),
        100 * outcome.day().right(),
        100 * outcome.day().rightFixed(),
        100 * outcome.day().saved());
    out.printf(
        Locale.ROOT,
        "What one person adds to the model of %s: %s.%n",
        Units.bytes(outcome.model().toFile().length()),
        Units.bytes(outcome.delta().toFile().length()));
    out.println("page     " + page + "  (open it in a browser)");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
