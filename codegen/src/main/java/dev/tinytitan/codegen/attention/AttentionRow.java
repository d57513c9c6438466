package dev.tinytitan.codegen.attention;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Attention over heads that lie side by side, in float32. */
public final class AttentionRow implements KernelRow {
  /** Floats of a head at most: a block of queries stays in the first-level cache. */
  private static final int MOST_SIZE = 256;

  private final Target target;

  /** For what this processor can do. */
  public AttentionRow(Target target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "fused-attention-float32-" + target.isa().property();
  }

  @Override
  public Class<? extends Operator> operator() {
    return FusedAttention.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.ROW_MAJOR);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    FusedAttention attention = request.operator(FusedAttention.class);
    for (int i = 0; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && request.inputDType(i) != DType.FLOAT32) {
        return Optional.of("not float32");
      }
    }
    if (request.outputShape(0).size() == 0
        || request.inputShape(0).size() == 0
        || request.inputShape(attention.packed() ? 0 : 1).size() == 0) {
      return Optional.of("nothing to compute");
    }
    AttentionShape shape = shape(request);
    if (shape.headSize() % 4 != 0
        || shape.valueSize() % 4 != 0
        || Math.max(shape.headSize(), shape.valueSize()) > MOST_SIZE) {
      return Optional.of("heads have no multiple of 4 columns, or more than " + MOST_SIZE);
    }
    if (shape.masked() && maskStrides(request)[2] != 0) {
      return Optional.of("the mask differs from query to query");
    }
    if (nanosOfBlock(request, 1) > NativeFunction.CRITICAL_NANOS) {
      return Optional.of("there are too many keys for a short call");
    }
    return Host.trial();
  }

  private static AttentionShape shape(KernelRequest request) {
    FusedAttention attention = request.operator(FusedAttention.class);
    boolean packed = attention.packed();
    int inRow = attention.heads() * (packed ? 3 : 1);
    Shape q = request.inputShape(0);
    Shape k = request.inputShape(packed ? 0 : 1);
    Shape v = request.inputShape(packed ? 0 : 2);
    return new AttentionShape(
        q.dim(2) / inRow,
        v.dim(2) / inRow,
        q.dim(2),
        k.dim(2),
        v.dim(2),
        request.outputShape(0).dim(2),
        attention.scale(),
        request.hasInput(attention.maskIndex()));
  }

  /** Of batch, head, query and key. */
  private static int[] maskStrides(KernelRequest request) {
    FusedAttention attention = request.operator(FusedAttention.class);
    Shape scores =
        Shape.of(
            request.inputShape(0).dim(0),
            attention.heads(),
            request.inputShape(0).dim(1),
            keys(request));
    return Shapes.broadcastStrides(request.inputShape(attention.maskIndex()), scores);
  }

  private static int keys(KernelRequest request) {
    return request.inputShape(request.operator(FusedAttention.class).packed() ? 0 : 1).dim(1);
  }

  /** Estimated nanoseconds of one call for a block of this many vectors of queries. */
  private double nanosOfBlock(KernelRequest request, int vectors) {
    AttentionShape shape = shape(request);
    int size = Math.max(shape.headSize(), shape.valueSize());
    return (double) keys(request) * vectors * (size + 16) / 1.5;
  }

  @Override
  public double cost(KernelRequest request) {
    FusedAttention attention = request.operator(FusedAttention.class);
    AttentionShape shape = shape(request);
    Shape q = request.inputShape(0);
    double scores = (double) q.dim(0) * attention.heads() * q.dim(1) * keys(request);
    return 500 + scores * (shape.headSize() + shape.valueSize() + 16) / productsPerNano();
  }

  private double productsPerNano() {
    return target.isa().vectorBits() / 8.0;
  }

  @Override
  public Kernel make(KernelRequest request) {
    FusedAttention attention = request.operator(FusedAttention.class);
    AttentionShape shape = shape(request);
    AttentionCode code =
        request
            .packed()
            .shared(
                name() + " " + shape,
                AttentionCode.class,
                () -> new AttentionCode(target, shape, request.packed()));
    Shape q = request.inputShape(0);
    int vectors = Math.min(code.mostVectors(), Math.ceilDiv(q.dim(1), code.lanes()));
    while (nanosOfBlock(request, vectors) > NativeFunction.CRITICAL_NANOS) {
      vectors--;
    }
    int[] strides = shape.masked() ? maskStrides(request) : new int[0];
    AttentionKernel.Geometry geometry =
        new AttentionKernel.Geometry(
            q.dim(0),
            attention.heads(),
            q.dim(1),
            keys(request),
            vectors,
            attention.packed(),
            shape.masked() ? new int[] {strides[0], strides[1], strides[3]} : strides,
            cost(request));
    return new AttentionKernel(code, geometry, request.packed());
  }
}
