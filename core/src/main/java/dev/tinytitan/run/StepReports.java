package dev.tinytitan.run;

import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.StepReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a plan into words. */
final class StepReports {
  private StepReports() {}

  static List<StepReport> of(Plan plan) {
    List<StepReport> reports = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      switch (step) {
        case Plan.KernelStep kernel -> reports.add(of(kernel));
        case Plan.NodeStep node ->
            reports.add(
                new StepReport(
                    node.label(),
                    node.node().operator().spec().name(),
                    EngineCatalog.REFERENCE,
                    node.late() ? "chosen when shapes are known" : "eval",
                    Layout.ROW_MAJOR,
                    1,
                    0,
                    others(node.candidates(), null)));
      }
    }
    return reports;
  }

  private static StepReport of(Plan.KernelStep step) {
    KernelTable.Entry entry = step.entry();
    double cost =
        step.candidates().stream()
            .filter(c -> c.entry() == entry && c.layout() == step.layout())
            .mapToDouble(KernelTable.Candidate::cost)
            .findFirst()
            .orElse(0);
    return new StepReport(
        step.label(),
        step.node() == null ? "Layout" : step.node().operator().spec().name(),
        entry == null ? "" : entry.engine().name(),
        entry == null ? "layout-conversion" : entry.row().name(),
        step.layout(),
        step.parts(),
        cost,
        others(step.candidates(), entry));
  }

  private static List<String> others(
      List<KernelTable.Candidate> candidates, KernelTable.@Nullable Entry chosen) {
    return candidates.stream()
        .filter(candidate -> candidate.entry() != chosen)
        .map(candidate ->
            candidate.entry().engine().name()
                + "/"
                + candidate.entry().row().name()
                + " "
                + candidate.layout()
                + ": "
                + candidate
                    .refusal()
                    .orElseGet(() -> Math.round(candidate.cost()) + " ns estimated"))
        .toList();
  }
}
