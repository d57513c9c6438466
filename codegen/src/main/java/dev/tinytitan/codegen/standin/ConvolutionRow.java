package dev.tinytitan.codegen.standin;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Integer convolution along one or two axes, weight by weight: each is multiplied with a plane of
 * the input. Nothing is packed, and the inner loop is one small method, which the JVM soon
 * compiles.
 */
final class ConvolutionRow extends StandInRow {

  @Override
  public String name() {
    return "integer-conv-plain";
  }

  @Override
  public Class<? extends Operator> operator() {
    return IntegerConv.class;
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    int rank = request.inputShape(0).rank();
    return rank == 3 || rank == 4
        ? Optional.empty()
        : Optional.of("it is not along one or two axes");
  }

  @Override
  public double cost(KernelRequest request) {
    Shape weights = request.inputShape(1);
    return (double) request.outputShape(0).size() * weights.sizeBetween(1, weights.rank());
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new Convolution(request);
  }

  /** The kernel. */
  private static final class Convolution implements Kernel {
    private final IntegerConv operator;
    private final boolean unsigned;
    private final int images;
    private final int inChannels;
    private final int outChannels;
    private final WindowGeometry.Axis rows;
    private final WindowGeometry.Axis columns;
    private final byte[] weights;
    private final boolean weightsUnsigned;
    private final IntegerSum sum;

    /** Whether every position reads its own element: the plane is one row then. */
    private final boolean isPointwise;

    Convolution(KernelRequest request) {
      Shape x = request.inputShape(0);
      Tensor w = request.constant(1);
      operator = request.operator(IntegerConv.class);
      unsigned = request.inputDType(0).isUnsigned();
      images = x.dim(0);
      inChannels = x.dim(1);
      outChannels = w.shape().dim(0);
      List<Integer> size = new ArrayList<>(2);
      for (int i = 2; i < w.shape().rank(); i++) {
        size.add(w.shape().dim(i));
      }
      List<WindowGeometry.Axis> axes = operator.window().geometry(x, size).axes();
      columns = axes.get(axes.size() - 1);
      rows = axes.size() == 2 ? axes.get(0) : new WindowGeometry.Axis(1, 1, 1, 1, 0, 0, 1);
      isPointwise =
          rows.kernel() * columns.kernel() == 1
              && rows.stride() * columns.stride() == 1
              && rows.padBegin() + rows.padEnd() + columns.padBegin() + columns.padEnd() == 0;
      weights = new byte[w.size()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (byte) w.getInt(i);
      }
      weightsUnsigned = w.dtype().isUnsigned();
      sum =
          new IntegerSum(
              request.constant(2),
              request.hasInput(3) ? request.constant(3) : null,
              request.hasInput(4) ? request.constant(4) : null,
              operator.output());
    }

    private int inSize() {
      return rows.input() * columns.input();
    }

    private int outSize() {
      return rows.output() * columns.output();
    }

    @Override
    public boolean reads(int index) {
      return index == 0;
    }

    /** The sums of one output channel, then an image. */
    @Override
    public int scratchInts() {
      return outSize() + inChannels * inSize();
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      byte[] x = Objects.requireNonNull(inputs[0]).byteArray();
      byte[] y = Objects.requireNonNull(outputs[0]).byteArray();
      int[] work = scratch.ints();
      int size = inChannels * inSize();
      for (int n = 0; n < images; n++) {
        IntegerSum.center(x, n * size, unsigned, operator.xZeroPoint(), work, outSize(), size);
        for (int channel = 0; channel < outChannels; channel++) {
          addUp(channel, work);
          sum.finish(channel, work, y, (n * outChannels + channel) * outSize(), outSize());
        }
      }
    }

    /** The sums of one output channel, at the front of the scratch memory. */
    private void addUp(int channel, int[] work) {
      Arrays.fill(work, 0, outSize(), sum.start(channel));
      int depth = inChannels / operator.group();
      int firstIn = channel / (outChannels / operator.group()) * depth;
      int zeroPoint = sum.weightZeroPoint(channel);
      int next = channel * depth * rows.kernel() * columns.kernel();
      for (int c = 0; c < depth; c++) {
        int plane = outSize() + (firstIn + c) * inSize();
        for (int row = 0; row < rows.kernel(); row++) {
          for (int column = 0; column < columns.kernel(); column++) {
            int weight = IntegerSum.centered(weights[next++], weightsUnsigned, zeroPoint);
            if (weight != 0) {
              addPlane(work, plane, row, column, weight);
            }
          }
        }
      }
    }

    /** Adds the products of one weight, at this place of the window, with a plane of the input. */
    private void addPlane(int[] work, int plane, int windowRow, int windowColumn, int weight) {
      // A padded element is the zero point, and so adds nothing.
      int left = windowColumn * columns.dilation() - columns.padBegin();
      int from = firstInside(left, columns);
      int count = lastInside(left, columns) - from;
      if (isPointwise) {
        multiplyAdd(work, 0, plane, 1, outSize(), weight);
        return;
      }
      if (count <= 0) {
        return;
      }
      int top = windowRow * rows.dilation() - rows.padBegin();
      int last = lastInside(top, rows);
      for (int row = firstInside(top, rows); row < last; row++) {
        int x = (row * rows.stride() + top) * columns.input() + from * columns.stride() + left;
        multiplyAdd(
            work, row * columns.output() + from, plane + x, columns.stride(), count, weight);
      }
    }

    /** The first position of the window at which an element of it lies inside the input. */
    private static int firstInside(int offset, WindowGeometry.Axis axis) {
      return offset >= 0 ? 0 : Math.ceilDiv(-offset, axis.stride());
    }

    /** The position behind the last one at which an element lies inside. */
    private static int lastInside(int offset, WindowGeometry.Axis axis) {
      int room = axis.input() - offset;
      return room <= 0 ? 0 : Math.min(axis.output(), Math.ceilDiv(room, axis.stride()));
    }

    private static void multiplyAdd(
        int[] work, int to, int from, int stride, int count, int weight) {
      for (int i = 0; i < count; i++) {
        work[to + i] += work[from + i * stride] * weight;
      }
    }
  }
}
