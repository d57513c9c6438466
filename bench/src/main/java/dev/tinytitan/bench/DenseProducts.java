package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.PeakProbe;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;

/**
 * Dense int8 matrix products on one thread, as share of what the processor's 8-bit multiply-adds
 * reach at most: from bytes to bytes, and quantized on the way from floats to floats. Two peaks
 * stand beside them: multiply-adds on registers alone, and in a tile's inner loop with its loads
 * from the first cache, which some processors run at a lower clock. Both are measured before and
 * after each product, since clocks drift. Run it on an idle machine.
 *
 * <p>Arguments: none.
 */
public final class DenseProducts {
  private static final int ROWS = 128;

  private DenseProducts() {}

  /** Depth and columns of the matrices. */
  private record Size(int depth, int columns) {}

  private static final List<Size> SIZES =
      List.of(new Size(256, 1024), new Size(384, 1536), new Size(1024, 1024), new Size(1536, 384));

  /** Measures and prints a table. */
  public static void main(String[] args) {
    PeakProbe probe =
        ServiceLoader.load(PeakProbe.class)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("Nothing here measures peaks."));
    System.out.println("| product | GMAC/s | peak | share | with loads | share |");
    System.out.println("|---|---:|---:|---:|---:|---:|");
    for (Size size : SIZES) {
      measure(probe, "bytes", size, false, System.out);
      measure(probe, "quantized on the way", size, true, System.out);
    }
  }

  private static void measure(
      PeakProbe probe, String label, Size size, boolean dynamic, PrintStream out) {
    PeakProbe.Peaks before = probe.measure();
    double nanos = nanos(size, dynamic);
    PeakProbe.Peaks after = probe.measure();
    double peak = (before.byteGmacs() + after.byteGmacs()) / 2;
    double tile = (before.tileGmacs() + after.tileGmacs()) / 2;
    double reached = (double) ROWS * size.depth() * size.columns() / nanos;
    out.printf(
        Locale.ROOT,
        "| %s, %d x %d x %d | %.0f | %.0f | %.0f %% | %.0f | %.0f %% |%n",
        label,
        ROWS,
        size.depth(),
        size.columns(),
        reached,
        peak,
        100 * reached / peak,
        tile,
        100 * reached / tile);
  }

  private static double nanos(Size size, boolean dynamic) {
    Random random = new Random(7);
    byte[] weights = new byte[size.depth() * size.columns()];
    random.nextBytes(weights);
    Operator operator =
        dynamic
            ? new QuantizedMatMul(Activation.NONE)
            : new IntegerMatMul(false, 128, new QuantizedOutput(DType.UINT8, 128, 0, 255));
    DType dtype = dynamic ? DType.FLOAT32 : DType.UINT8;
    TensorType type = TensorType.of(dtype, Shape.of(ROWS, size.depth()));
    Graph graph =
        Graph.builder("product")
            .input("x", type)
            .initializer("w", Tensor.of(weights, size.depth(), size.columns()))
            .initializer("scale", Tensor.of(new float[] {1e-3f}))
            .node(operator, List.of("x", "w", "scale"), "y")
            .output("y", TensorType.of(dtype, Shape.of(ROWS, size.columns())))
            .build();
    Tensor x = Tensor.zeros(dtype, type.shape());
    for (int i = 0; i < x.size(); i++) {
      x.setFloat(i, random.nextInt(256));
    }
    BindingContender product =
        new BindingContender(
            "product",
            Model.of(graph, ModelInfo.of(21)).open(SessionOptions.defaults().withThreads(1)),
            Map.of("x", x));
    try {
      Timings timings =
          new Rounds(Duration.ofMillis(500), Duration.ofSeconds(1), 12)
              .measure(List.of(product))
              .get(0);
      return timings.median();
    } finally {
      product.close();
    }
  }
}
