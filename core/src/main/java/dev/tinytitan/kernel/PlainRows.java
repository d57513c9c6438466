package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Transpose;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Kernels of any dtype that move or convert elements and need no vectors for it. */
final class PlainRows {
  private static final Set<Layout> ROW_MAJOR = EnumSet.of(Layout.ROW_MAJOR);
  private static final Set<Layout> BOTH = EnumSet.of(Layout.ROW_MAJOR, Layout.CHANNELS_LAST);

  private PlainRows() {}

  private record Row(
      Class<? extends Operator> operator,
      Set<Layout> layouts,
      Function<KernelRequest, Optional<String>> limits,
      Function<KernelRequest, Kernel> maker)
      implements KernelRow {

    @Override
    public String name() {
      return operator.getSimpleName().toLowerCase(Locale.ROOT) + "-plain";
    }

    @Override
    public Optional<String> refuses(KernelRequest request) {
      return limits.apply(request);
    }

    @Override
    public double cost(KernelRequest request) {
      return CopyKernel.cost(request);
    }

    @Override
    public Kernel make(KernelRequest request) {
      return maker.apply(request);
    }
  }

  static List<KernelRow> all() {
    return List.of(
        new Row(Concat.class, BOTH, CopyKernel::refusal, CopyKernel::concat),
        new Row(Split.class, BOTH, CopyKernel::refusal, CopyKernel::split),
        new Row(Transpose.class, ROW_MAJOR, CopyKernel::refusal, CopyKernel::transpose),
        new Row(Expand.class, ROW_MAJOR, CopyKernel::refusal, CopyKernel::expand),
        new Row(Gather.class, ROW_MAJOR, GatherKernel::refusal, GatherKernel::new),
        new Row(Cast.class, BOTH, CastKernel::refusal, CastKernel::new));
  }
}
