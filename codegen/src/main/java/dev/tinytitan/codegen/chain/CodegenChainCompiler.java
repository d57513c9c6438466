package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.standin.StandIns;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.LayerTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Compiles chains of layers to machine code. Safe for use by many threads. */
public final class CodegenChainCompiler implements ChainCompiler {
  private final Target target;

  /** True once code was made: the JVM's first downcall is behind us, and generators are loaded. */
  private final AtomicBoolean warm = new AtomicBoolean();

  /** A compiler for what this processor can do. */
  public CodegenChainCompiler(Target target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "chain-" + target.isa().property();
  }

  @Override
  public Optional<String> refuses(KernelRequest node) {
    return NodeRules.refusal(node);
  }

  @Override
  public Optional<String> refuses(Chain chain) {
    Optional<String> refusal = TransferCost.refusal(chain);
    return refusal.isEmpty() ? Lowering.refusal(chain) : refusal;
  }

  @Override
  public void expectChains() {
    Host.beginTrial();
  }

  @Override
  public Kernel make(Chain chain, int threads) {
    Kernel kernel = ChainCompilation.compile(chain, target, threads, false);
    warm.set(true);
    return kernel;
  }

  @Override
  public boolean isWarm() {
    return warm.get();
  }

  @Override
  public boolean isExact(KernelRequest node) {
    return NodeRules.isExact(node);
  }

  @Override
  public List<KernelRow> standIns() {
    return StandIns.rows(target.isa().vectorBits() / Float.SIZE);
  }

  @Override
  public String listing(Chain chain, int threads, String node) {
    return node.isEmpty()
        ? ChainCompilation.compile(chain, target, threads, true).code().code().dump()
        : ChainCompilation.listing(chain, target, node);
  }

  @Override
  public List<LayerTime> times(Chain chain) {
    return LayerTimes.measure(ChainCompilation.compile(chain, target, 1, false));
  }
}
