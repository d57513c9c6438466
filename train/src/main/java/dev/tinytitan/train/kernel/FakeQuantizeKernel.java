package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.FakeQuantize;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rounding to levels and back. Loops without branches, which the JVM's compiler vectorizes. */
final class FakeQuantizeKernel implements Kernel {
  private static final double NANOS = 0.3;

  private final FakeQuantize quantize;
  private final QuantizedRows rows;

  FakeQuantizeKernel(KernelRequest request) {
    this.quantize = request.operator(FakeQuantize.class);
    this.rows = QuantizedRows.of(quantize, request.inputShape(0), request.inputShape(2).size());
  }

  static Optional<String> refusal(KernelRequest request) {
    return QuantizedRows.refusal(request.operator(FakeQuantize.class), request, 0);
  }

  static double cost(KernelRequest request) {
    return Work.ofElements(request.inputShape(0).size(), NANOS);
  }

  @Override
  public int parts(int threads) {
    double elements = (double) rows.rows() * rows.length();
    return Work.parts(threads, Work.ofElements(elements, NANOS), rows.rows());
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] relative = Arrays32.of(inputs[1]);
    float[] base = Arrays32.of(inputs[2]);
    float[] y = Arrays32.of(outputs[0]);
    int to = Work.bound(rows.rows(), 1, part + 1, parts);
    for (int row = Work.bound(rows.rows(), 1, part, parts); row < to; row++) {
      int from = row * rows.length();
      if (rows.byColumn()) {
        for (int i = 0; i < rows.length(); i++) {
          float step = FakeQuantize.step(relative[i], base[i]);
          y[from + i] = step * quantize.level(x[from + i], step);
        }
      } else {
        int index = rows.stepOf(row);
        float step = FakeQuantize.step(relative[index], base[index]);
        quantize(x, y, from, from + rows.length(), step);
      }
    }
  }

  private void quantize(float[] x, float[] y, int from, int to, float step) {
    for (int i = from; i < to; i++) {
      y[i] = step * quantize.level(x[i], step);
    }
  }
}
