package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of a chain of engines, and how one is chosen: legal ones only, cheapest first.
 * Thread-safe.
 */
public final class KernelTable {

  /** A row with the engine it belongs to. */
  public record Entry(Engine engine, KernelRow row) {}

  /** A row that was looked at for a node: what it would cost, or why it was refused. */
  public record Candidate(Entry entry, Layout layout, double cost, Optional<String> refusal) {

    /** The same candidate, refused for this reason. */
    public Candidate refused(String reason) {
      return new Candidate(entry, layout, Double.POSITIVE_INFINITY, Optional.of(reason));
    }
  }

  private final List<Engine> engines;
  private final Optional<ChainMaker> chains;

  /** Made when first asked for: a model that is one chain needs none of the rows. */
  private volatile @Nullable List<Entry> entries;

  /** An engine with its compiler of chains. */
  public record ChainMaker(Engine engine, ChainCompiler compiler) {}

  /** Engines of which the log says already that a kernel could not be made. */
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  /** The rows of these engines; an earlier engine is always preferred to a later one. */
  public KernelTable(List<Engine> chain) {
    this.engines = List.copyOf(chain);
    ChainCompiler compiler = chain.isEmpty() ? null : chain.get(0).chainCompiler().orElse(null);
    this.chains =
        compiler == null ? Optional.empty() : Optional.of(new ChainMaker(chain.get(0), compiler));
  }

  /** What makes one kernel of many nodes, if the first engine has that. */
  public Optional<ChainMaker> chains() {
    return chains;
  }

  /**
   * Makes the kernel of a candidate that was not refused.
   *
   * @param request what the candidate was found for
   * @throws KernelUnavailableException if it cannot be made after all; for each engine the first of
   *     these is in the log
   */
  public Kernel make(Candidate candidate, KernelRequest request) {
    try {
      return candidate.entry().row().make(request.withLayout(candidate.layout()));
    } catch (KernelUnavailableException unavailable) {
      report(candidate.entry().engine(), unavailable);
      throw unavailable;
    }
  }

  /**
   * Makes the kernel of a chain that was not refused.
   *
   * @param threads how many there will be, the caller counted
   * @throws KernelUnavailableException as {@link #make(Candidate, KernelRequest)}
   */
  public Kernel make(ChainMaker maker, Chain chain, int threads) {
    try {
      return maker.compiler().make(chain, threads);
    } catch (KernelUnavailableException unavailable) {
      report(maker.engine(), unavailable);
      throw unavailable;
    }
  }

  private void report(Engine engine, KernelUnavailableException unavailable) {
    if (reported.add(engine.name())) {
      System.getLogger(KernelTable.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "The engine "
                  + engine.name()
                  + " leaves a part of the model to the next engine, with the same answers: "
                  + unavailable.getMessage());
    }
  }

  /** All rows, engine by engine. */
  public List<Entry> entries() {
    List<Entry> known = entries;
    if (known == null) {
      List<Entry> all = new ArrayList<>();
      for (Engine engine : engines) {
        for (KernelRow row : engine.rows()) {
          all.add(new Entry(engine, row));
        }
      }
      known = List.copyOf(all);
      entries = known;
    }
    return known;
  }

  /**
   * The rows for an operator, with their answer to a request in each layout that they take; a list
   * that the caller may change.
   */
  public List<Candidate> candidates(KernelRequest request) {
    List<Candidate> candidates = new ArrayList<>();
    Class<? extends Operator> operator = request.operator().getClass();
    for (Entry entry : entries()) {
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
