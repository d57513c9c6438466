package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The kernels of a chain of engines, and how one is chosen: legal ones only, cheapest first. */
public final class KernelTable {

  /** A row with the engine it belongs to. */
  public record Entry(Engine engine, KernelRow row) {}

  /** A row that was looked at for a node: what it would cost, or why it was refused. */
  public record Candidate(Entry entry, Layout layout, double cost, Optional<String> refusal) {}

  private final List<Entry> entries;
  private final Optional<ChainMaker> chains;

  /** An engine with its compiler of chains. */
  public record ChainMaker(Engine engine, ChainCompiler compiler) {}

  /** The rows of these engines; an earlier engine is always preferred to a later one. */
  public KernelTable(List<Engine> chain) {
    List<Entry> all = new ArrayList<>();
    for (Engine engine : chain) {
      for (KernelRow row : engine.rows()) {
        all.add(new Entry(engine, row));
      }
    }
    this.entries = List.copyOf(all);
    this.chains =
        chain.stream()
            .findFirst()
            .flatMap(
                engine -> engine.chainCompiler().map(compiler -> new ChainMaker(engine, compiler)));
  }

  /** What makes one kernel of many nodes, if the first engine has that. */
  public Optional<ChainMaker> chains() {
    return chains;
  }

  /** All rows, engine by engine. */
  public List<Entry> entries() {
    return entries;
  }

  /** The rows for an operator, with their answer to a request in each layout that they take. */
  public List<Candidate> candidates(KernelRequest request) {
    List<Candidate> candidates = new ArrayList<>();
    Class<? extends Operator> operator = request.operator().getClass();
    for (Entry entry : entries) {
      if (!entry.row().operator().isAssignableFrom(operator)) {
        continue;
      }
      for (Layout layout : entry.row().layouts()) {
        KernelRequest inLayout = request.withLayout(layout);
        Optional<String> refusal = entry.row().refuses(inLayout);
        double cost = refusal.isEmpty() ? entry.row().cost(inLayout) : Double.POSITIVE_INFINITY;
        candidates.add(new Candidate(entry, layout, cost, refusal));
      }
    }
    return candidates;
  }
}
