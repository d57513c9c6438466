package dev.tinytitan.run;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.KernelTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When and on what a small model answers while the first code of the process is generated: on plain
 * kernels and references, if all its nodes have results that do not depend on who computes them.
 * Integers do not; floats do, so a model of floats waits for its one engine (docs/adr/0010).
 * Immutable.
 */
final class StandIn {
  /** {@code true}: first answers wait for the lasting plan. */
  static final String WAIT = "tinytitan.wait";

  /** Multiply-adds of a run at most: with more of them, waiting for code is no slower. */
  private static final long MOST_PRODUCTS = 16_000_000;

  private final ChainCompiler compiler;

  private StandIn(ChainCompiler compiler) {
    this.compiler = compiler;
  }

  /** For a session on these kernels; null if its plans are made at once. */
  static @Nullable StandIn of(KernelTable table) {
    Optional<KernelTable.ChainMaker> chains = table.chains();
    if (chains.isEmpty() || chains.get().compiler().isWarm() || Boolean.getBoolean(WAIT)) {
      return null;
    }
    return new StandIn(chains.get().compiler());
  }

  /** The kernels of the plan that stands in. */
  KernelTable table() {
    return new KernelTable(List.of(new PlainEngine(compiler.standIns())));
  }

  /** Whether a node has the same result in a plan that stands in and in the lasting one. */
  boolean takes(KernelRequest node) {
    return compiler.refuses(node).isEmpty() && compiler.isExact(node);
  }

  /** Whether a model of so much work should start on a plan that stands in. */
  static boolean isSmall(long products) {
    return products <= MOST_PRODUCTS;
  }

  /** The multiply-adds of a node. */
  static long products(KernelRequest node) {
    List<@Nullable TensorType> inputs = new ArrayList<>();
    for (Optional<TensorType> input : node.inputs()) {
      inputs.add(input.orElse(null));
    }
    return node.operator().cost(inputs, node.outputs()).multiplyAdds();
  }

  /** Rows as an engine. */
  private record PlainEngine(List<KernelRow> rows) implements Engine {
    @Override
    public String name() {
      return "stand-in";
    }

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public Optional<String> problem() {
      return Optional.empty();
    }
  }
}
