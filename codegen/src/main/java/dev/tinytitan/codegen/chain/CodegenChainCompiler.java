package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.LayerTime;
import java.util.List;
import java.util.Optional;

/** Compiles chains of integer layers to machine code. Stateless. */
public final class CodegenChainCompiler implements ChainCompiler {
  private final Target target;

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
    return Host.trial().or(() -> Lowering.refusal(chain));
  }

  @Override
  public Kernel make(Chain chain, int threads) {
    return ChainCompilation.compile(chain, target, threads, false);
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
