package dev.tinytitan.cli.demo;

import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.report.Report;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.edge.adapt.TimelinePlot;
import dev.tinytitan.edge.learn.MemoryUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The page that {@code titan demo living} ends with. */
public final class LivingReport {
  private LivingReport() {}

  /** The page of a run. */
  public static Report of(LivingDemo.Outcome outcome, String data) {
    List<Section> sections = new ArrayList<>();
    sections.add(accuracies(outcome));
    sections.add(persons(outcome));
    sections.add(memory(outcome.plan().memory()));
    sections.add(points(outcome));
    sections.addAll(
        TimelinePlot.sections(outcome.day().adaptive(), List.of(outcome.day().fixed())));
    sections.add(
        new Section.Code(
            "The same for models of yours",
            "",
            """
            titan learn model.onnx --data mine.npz --budget 128KB --delta mine.delta
            titan compress model.onnx --data train.npz -o elastic.onnx --elastic
            titan adapt elastic.onnx --deadline 20ms --slo 99%\
            """));
    return new Report(
        "A living model",
        List.of(
            "A recognizer of activities for the wrist was trained with many persons at "
                + outcome.points().size()
                + " widths and deployed in 8-bit integers. It then met persons whom it did not know,"
                + " and learned on the device ("
                + outcome.plan().method().label()
                + ", "
                + outcome.plan().parameters()
                + " numbers, chosen within "
                + Units.bytes(LivingDemo.BUDGET)
                + " of training memory). Then it got through a day of load, heat and a falling"
                + " battery, switching between its widths.",
            "The device is simulated: a processor of 40 million multiply-adds a second that takes"
                + " 20 mW while it computes. The answers are the models' own."),
        tiles(outcome),
        sections,
        "Data: " + data + ". Figures from synthetic data say that it works, not how well.");
  }

  private static List<Report.Tile> tiles(LivingDemo.Outcome outcome) {
    return List.of(
        new Report.Tile(
            "accuracy for new persons",
            percent(outcome.mean(LivingDemo.Stranger::after)),
            "before: " + percent(outcome.mean(LivingDemo.Stranger::before))),
        new Report.Tile(
            "for persons it knew",
            percent(outcome.mean(LivingDemo.Stranger::othersAfter)),
            "without the delta: " + percent(outcome.mean(LivingDemo.Stranger::othersBefore))),
        new Report.Tile(
            "training memory",
            Units.bytes(outcome.plan().memory().training()),
            "of " + Units.bytes(LivingDemo.BUDGET)),
        new Report.Tile(
            "energy saved in the day",
            percent(outcome.day().saved()),
            "against the full width all the time"),
        new Report.Tile(
            "right and in time",
            percent(outcome.day().right()),
            "full width: " + percent(outcome.day().rightFixed())));
  }

  private static Section accuracies(LivingDemo.Outcome outcome) {
    List<Section.Bar> bars = new ArrayList<>();
    for (LivingDemo.Stranger each : outcome.strangers()) {
      String name = "person " + each.person();
      bars.add(
          new Section.Bar(
              name + " before", each.before(), percent(each.before()), Section.Role.BEFORE));
      bars.add(
          new Section.Bar(
              name + " after", each.after(), percent(each.after()), Section.Role.AFTER));
    }
    return new Section.Bars(
        "Accuracy for persons whom the model did not know",
        "On windows that were not learned, before and after "
            + outcome.strangers().getFirst().lessons()
            + " labelled windows of four seconds.",
        bars);
  }

  private static Section persons(LivingDemo.Outcome outcome) {
    List<List<String>> rows = new ArrayList<>();
    for (LivingDemo.Stranger each : outcome.strangers()) {
      rows.add(
          List.of(
              Long.toString(each.person()),
              percent(each.before()),
              percent(each.after()),
              percent(each.othersBefore()),
              percent(each.othersAfter()),
              Long.toString(each.versions()),
              String.format(Locale.ROOT, "%.2f s", each.seconds())));
    }
    return new Section.Table(
        "Each person",
        "The others are persons whom the model knows. A version is used only if it passes a gate: at"
            + " most "
            + String.format(Locale.ROOT, "%.0f", LivingDemo.ALLOWED_DROP)
            + " points less on samples of known persons that learning never sees. What was learned"
            + " is a delta of "
            + Units.bytes(outcome.points().getFirst().deltaBytes())
            + "; taken off, the model is as it was.",
        List.of("person", "before>", "after>", "others before>", "after>", "versions>", "time>"),
        rows);
  }

  private static Section memory(MemoryUse memory) {
    return new Section.Table(
        "Memory, planned before the first step",
        "The frozen part runs as it is deployed, in integers.",
        List.of("what", "bytes>"),
        List.of(
            List.of("inference", Units.bytes(memory.inference())),
            List.of("frozen part, beside inference", Units.bytes(memory.front())),
            List.of("a step", Units.bytes(memory.arena())),
            List.of("optimizer", Units.bytes(memory.optimizer())),
            List.of("copies of frozen weights", Units.bytes(memory.frozenWeights())),
            List.of("training, all together", Units.bytes(memory.training())),
            List.of("replay", Units.bytes(memory.replay()))));
  }

  private static Section points(LivingDemo.Outcome outcome) {
    return new Section.Table(
        "Widths",
        "Each learned person "
            + outcome.strangers().getFirst().person()
            + " in the same budget. The controller switches between them, and goes by the mean of"
            + " this person's and the known persons' accuracy.",
        List.of("point", "multiply-adds>", "weights>", "before>", "after>", "mean>", "delta>"),
        outcome.points().stream()
            .map(each ->
                List.of(
                    each.point().name(),
                    Units.count(each.point().multiplyAdds()),
                    Units.bytes(each.point().weightBytes()),
                    percent(each.before()),
                    percent(each.after()),
                    percent(each.point().accuracy()),
                    Units.bytes(each.deltaBytes())))
            .toList());
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
