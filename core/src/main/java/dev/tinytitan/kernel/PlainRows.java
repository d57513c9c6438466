package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.ArgReduction;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.CenterCropPad;
import dev.tinytitan.op.Comparison;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.DepthToSpace;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.GatherElements;
import dev.tinytitan.op.GatherND;
import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.MatMulInteger;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.ReverseSequence;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.SpaceToDepth;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Trilu;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.op.VariadicOperator;
import dev.tinytitan.op.Where;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Kernels of any dtype that move or convert elements and need no vectors for it. */
final class PlainRows {
  private static final Set<Layout> ROW_MAJOR = EnumSet.of(Layout.ROW_MAJOR);
  private static final Set<Layout> ALL = EnumSet.allOf(Layout.class);
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
      double nanos = CopyKernel.cost(request);
      return operator == DequantizeLinear.class ? nanos / 2 : nanos;
    }

    @Override
    public Kernel make(KernelRequest request) {
      return maker.apply(request);
    }
  }

  static List<KernelRow> all() {
    List<KernelRow> rows =
        new ArrayList<>(
            List.of(
                new Row(Concat.class, BOTH, CopyKernel::refusal, CopyKernel::concat),
                new Row(Split.class, BOTH, CopyKernel::refusal, CopyKernel::split),
                new Row(Transpose.class, ROW_MAJOR, CopyKernel::refusal, CopyKernel::transpose),
                new Row(Expand.class, ROW_MAJOR, CopyKernel::refusal, CopyKernel::expand),
                new Row(Gather.class, ROW_MAJOR, GatherKernel::refusal, GatherKernel::new),
                new Row(
                    DequantizeLinear.class,
                    ROW_MAJOR,
                    DequantizeKernel::refusal,
                    DequantizeKernel::new),
                new Row(
                    DynamicQuantizeLinear.class,
                    ROW_MAJOR,
                    DynamicQuantizeKernel::refusal,
                    DynamicQuantizeKernel::new),
                new Row(
                    MatMulInteger.class,
                    ROW_MAJOR,
                    IntegerProductKernel::refusal,
                    IntegerProductKernel::new),
                new Row(
                    IntegerAveragePool.class,
                    EnumSet.of(Layout.WIDE_CHANNELS_LAST),
                    IntegerAverageKernel::refusal,
                    IntegerAverageKernel::new),
                new Row(ArgReduction.class, ROW_MAJOR, ArgKernel::refusal, ArgKernel::new),
                new Row(Cast.class, BOTH, CastKernel::refusal, CastKernel::new)));
    for (Class<? extends Operator> movement :
        List.of(
            Slice.class,
            Pad.class,
            Tile.class,
            DepthToSpace.class,
            SpaceToDepth.class,
            Trilu.class,
            CenterCropPad.class,
            ReverseSequence.class,
            GatherElements.class,
            GatherND.class)) {
      rows.add(new Row(movement, ALL, MovementKernel::refusal, MovementKernel::new));
    }
    for (Class<? extends Operator> elements :
        List.of(
            Comparison.class,
            BinaryOperator.class,
            UnaryOperator.class,
            VariadicOperator.class,
            Where.class,
            Pow.class)) {
      rows.add(new Row(elements, BOTH, ElementsKernel::refusal, ElementsKernel::new));
    }
    return rows;
  }
}
