package dev.tinytitan.codegen;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.KernelCheck;
import dev.tinytitan.kernel.KernelRow;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** An engine of some rows for one instruction set, for tests. */
public record RowsEngine(List<KernelRow> rows) implements Engine {

  /** Compares rows made for an instruction set with the reference; skips what cannot run here. */
  public static KernelCheck check(Isa isa, Function<Target, List<KernelRow>> rows) {
    assumeHas(isa);
    return new KernelCheck(new RowsEngine(rows.apply(Target.of(isa))));
  }

  /** Skips a test where the processor has not got an instruction set. */
  public static void assumeHas(Isa isa) {
    assumeTrue(
        Host.problem().isEmpty() && Host.target().features().containsAll(isa.needs()),
        () -> "the processor has no " + isa);
  }

  @Override
  public String name() {
    return "codegen";
  }

  @Override
  public int rank() {
    return 1;
  }

  @Override
  public Optional<String> problem() {
    return Optional.empty();
  }
}
