package dev.tinytitan.codegen;

import dev.tinytitan.codegen.attention.AttentionRow;
import dev.tinytitan.codegen.chain.CodegenChainCompiler;
import dev.tinytitan.codegen.matrix.FloatMatrixRow;
import dev.tinytitan.codegen.matrix.NarrowMatrixRow;
import dev.tinytitan.codegen.matrix.QuantizedMatrixRow;
import dev.tinytitan.codegen.normalization.NormalizationRow;
import dev.tinytitan.codegen.standin.SoftmaxRow;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.KernelRow;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Kernels in machine code that is written when a model is planned, for its exact shapes. */
public final class CodegenEngine implements Engine {
  private @Nullable ChainCompiler compiler;

  /** Creates the engine. */
  public CodegenEngine() {}

  @Override
  public String name() {
    return "codegen";
  }

  @Override
  public int rank() {
    return 30;
  }

  @Override
  public Optional<String> problem() {
    return Host.problem();
  }

  @Override
  public void prepare() {
    Host.trial();
  }

  @Override
  public List<KernelRow> rows() {
    Target target = Host.target();
    return List.of(
        new QuantizedMatrixRow(target),
        FloatMatrixRow.plain(target),
        FloatMatrixRow.fused(target),
        new NarrowMatrixRow(target),
        new AttentionRow(target),
        new NormalizationRow(target),
        new SoftmaxRow(target.isa().vectorBits() / Float.SIZE));
  }

  @Override
  public synchronized Optional<ChainCompiler> chainCompiler() {
    // One for the process: it knows whether code was made before.
    if (compiler == null) {
      compiler = new CodegenChainCompiler(Host.target());
    }
    return Optional.of(compiler);
  }
}
