package dev.tinytitan.run;

import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts a plan into words. */
final class StepReports {
  private StepReports() {}

  static List<StepReport> of(Plan plan) {
    List<StepReport> reports = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      switch (step) {
        case Plan.KernelStep kernel -> reports.add(of(kernel));
        case Plan.ChainStep chain -> reports.add(of(chain));
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
                    others(node.candidates(), null, node.chainRefusal()),
                    List.of()));
      }
    }
    return reports;
  }

  private static StepReport of(Plan.KernelStep step) {
    KernelTable.Entry entry = step.entry();
    return new StepReport(
        step.label(),
        step.node() == null ? "Layout" : step.node().operator().spec().name(),
        entry == null ? "" : entry.engine().name(),
        entry == null ? "layout-conversion" : entry.row().name(),
        step.layout(),
        step.parts(),
        step.nanos(),
        others(step.candidates(), entry, step.chainRefusal()),
        List.of());
  }

  private static StepReport of(Plan.ChainStep step) {
    return new StepReport(
        step.label(),
        "Chain of " + step.nodes().size(),
        step.maker().engine().name(),
        step.maker().compiler().name(),
        Layout.ROW_MAJOR,
        1,
        0,
        step.kernel().rejected(),
        step.nodes().stream()
            .map(node -> node.operator().spec().name() + " " + node.name())
            .toList());
  }

  private static List<String> others(
      List<KernelTable.Candidate> candidates,
      KernelTable.@Nullable Entry chosen,
      Optional<String> chainRefusal) {
    Stream<String> chain = chainRefusal.map(reason -> "in a chain: " + reason).stream();
    Stream<String> rows =
        candidates.stream()
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
                        .orElseGet(() -> Math.round(candidate.cost()) + " ns estimated"));
    return Stream.concat(chain, rows).toList();
  }
}
