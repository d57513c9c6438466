package dev.tinytitan.cli.demo;

import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.report.Report;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.edge.learn.MemoryUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The page that {@code titan demo living} ends with. */
public final class LivingReport {
  private LivingReport() {}

  /** The page of a run. */
  public static Report of(LivingDemo.Outcome outcome, String data) {
    double before = outcome.mean(LivingDemo.Stranger::before);
    double after = outcome.mean(LivingDemo.Stranger::after);
    MemoryUse memory = outcome.plan().memory();
    List<Section> sections = new ArrayList<>();
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
    sections.add(
        new Section.Bars(
            "Accuracy for persons whom the model did not know",
            "On windows that were not learned, before and after "
                + outcome.strangers().getFirst().lessons()
                + " labelled windows of four seconds.",
            bars));
    List<List<String>> rows = new ArrayList<>();
    for (LivingDemo.Stranger each : outcome.strangers()) {
      rows.add(
          List.of(
              Long.toString(each.person()),
              String.format(Locale.ROOT, "%.2f", each.novelty()),
              percent(each.before()),
              percent(each.after()),
              percent(each.othersBefore()),
              percent(each.othersAfter()),
              String.format(Locale.ROOT, "%.2f s", each.seconds())));
    }
    sections.add(
        new Section.Table(
            "Each person",
            "Novelty is measured without labels: how unusual the features are, about 1 for persons"
                + " whom the model knows. The others are persons it knows: what they lose is"
                + " forgetting.",
            List.of("person", "novelty>", "before>", "after>", "others before>", "after>", "time>"),
            rows));
    sections.add(
        new Section.Table(
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
                List.of("replay", Units.bytes(memory.replay())))));
    sections.add(
        new Section.Code(
            "The same for a model of yours",
            "",
            "titan learn model.onnx --data mine.npz --budget 128KB --delta mine.delta"));
    return new Report(
        "A living model",
        List.of(
            "A recognizer of activities for the wrist was trained with many persons and deployed in"
                + " 8-bit integers. It then met persons whom it did not know, and learned on the"
                + " device.",
            "What learned: "
                + outcome.plan().method().label()
                + ", "
                + outcome.plan().parameters()
                + " numbers, chosen within "
                + Units.bytes(LivingDemo.BUDGET)
                + " of training memory."),
        List.of(
            new Report.Tile("accuracy", percent(after), "before: " + percent(before)),
            new Report.Tile(
                "training memory",
                Units.bytes(memory.training()),
                "of " + Units.bytes(LivingDemo.BUDGET)),
            new Report.Tile(
                "what one person adds",
                Units.bytes(outcome.delta().toFile().length()),
                "beside a model of " + Units.bytes(outcome.model().toFile().length()))),
        sections,
        "Data: " + data + ". Figures from synthetic data say that it works, not how well.");
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
