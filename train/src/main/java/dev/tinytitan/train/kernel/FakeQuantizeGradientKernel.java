package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.FakeQuantize;
import dev.tinytitan.train.op.FakeQuantizeGradient;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gradients of rounding to levels: of the numbers, and of the steps. */
final class FakeQuantizeGradientKernel implements Kernel {
  private static final double NANOS = 0.8;

  /** Elements whose derivatives are worked out before they are added. */
  private static final int PIECE = 256;

  private final FakeQuantize quantize;
  private final QuantizedRows rows;

  FakeQuantizeGradientKernel(KernelRequest request) {
    this.quantize = request.operator(FakeQuantizeGradient.class).forward();
    this.rows = QuantizedRows.of(quantize, request.inputShape(1), request.inputShape(3).size());
  }

  static Optional<String> refusal(KernelRequest request) {
    return QuantizedRows.refusal(
        request.operator(FakeQuantizeGradient.class).forward(), request, 1);
  }

  static double cost(KernelRequest request) {
    return Work.ofElements(request.inputShape(1).size(), NANOS);
  }

  @Override
  public int parts(int threads) {
    double elements = (double) rows.rows() * rows.length();
    // Columns are summed over all rows, in their order.
    return rows.byColumn() ? 1 : Work.parts(threads, Work.ofElements(elements, NANOS), rows.rows());
  }

  @Override
  public int scratchFloats() {
    return PIECE;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] relative = Arrays32.of(inputs[2]);
    float[] base = Arrays32.of(inputs[3]);
    float[] dx = Arrays32.of(outputs[0]);
    float[] sums = Arrays32.of(outputs[1]);
    if (rows.byColumn()) {
      byColumn(dy, x, relative, base, dx, sums);
      return;
    }
    float[] terms = scratch.floats();
    int to = Work.bound(rows.rows(), 1, part + 1, parts);
    for (int row = Work.bound(rows.rows(), 1, part, parts); row < to; row++) {
      int index = rows.stepOf(row);
      float step = FakeQuantize.step(relative[index], base[index]);
      int end = (row + 1) * rows.length();
      double sum = 0;
      for (int from = row * rows.length(); from < end; from += PIECE) {
        int count = Math.min(PIECE, end - from);
        derive(dy, x, dx, terms, from, count, step);
        sum += sum(terms, count);
      }
      sums[row] = (float) sum;
    }
  }

  /** The factor is exactly 0 or 1: what was cut differs from what it was cut to by far more. */
  private void derive(
      float[] dy, float[] x, float[] dx, float[] terms, int from, int count, float step) {
    float low = quantize.low();
    float high = quantize.high();
    for (int i = 0; i < count; i++) {
      float exact = x[from + i] / step;
      float cut = Math.max(low, Math.min(high, exact));
      float passes = Math.max(0f, 1f - Math.abs(exact - cut) * 0x1p60f);
      terms[i] = dy[from + i] * (quantize.level(x[from + i], step) - passes * exact);
      dx[from + i] = dy[from + i] * passes;
    }
  }

  private static double sum(float[] terms, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < count; i += 4) {
      a += terms[i];
      b += terms[i + 1];
      c += terms[i + 2];
      d += terms[i + 3];
    }
    for (; i < count; i++) {
      a += terms[i];
    }
    return a + b + c + d;
  }

  private void byColumn(
      float[] dy, float[] x, float[] relative, float[] base, float[] dx, float[] sums) {
    Arrays.fill(sums, 0, rows.length(), 0f);
    for (int row = 0; row < rows.rows(); row++) {
      int from = row * rows.length();
      for (int i = 0; i < rows.length(); i++) {
        float step = FakeQuantize.step(relative[i], base[i]);
        float exact = x[from + i] / step;
        float cut = Math.max(quantize.low(), Math.min(quantize.high(), exact));
        float passes = Math.max(0f, 1f - Math.abs(exact - cut) * 0x1p60f);
        float change = quantize.level(x[from + i], step) - passes * exact;
        sums[i] = Math.fma(dy[from + i], change, sums[i]);
        dx[from + i] = dy[from + i] * passes;
      }
    }
  }
}
