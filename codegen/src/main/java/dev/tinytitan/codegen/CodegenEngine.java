package dev.tinytitan.codegen;

import dev.tinytitan.codegen.attention.AttentionRow;
import dev.tinytitan.codegen.chain.CodegenChainCompiler;
import dev.tinytitan.codegen.matrix.DynamicMatrixRow;
import dev.tinytitan.codegen.matrix.FloatMatrixRow;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.KernelRow;
import java.util.List;
import java.util.Optional;

/** Kernels in machine code that is written when a model is planned, for its exact shapes. */
public final class CodegenEngine implements Engine {
  /** Creates the engine; it has no state. */
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
        new DynamicMatrixRow(target),
        FloatMatrixRow.plain(target),
        FloatMatrixRow.fused(target),
        new AttentionRow(target));
  }

  @Override
  public Optional<ChainCompiler> chainCompiler() {
    return Optional.of(new CodegenChainCompiler(Host.target()));
  }
}
