package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.TitanException;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One layer in its sparse form by the same layer dense, in generated int8 code on one thread: the
 * median of the layers in the middle of models of equal layers, without what brings the model's
 * input in and its output back. {@link RatioGates} measures these models as a whole.
 *
 * <p>Takes no arguments; prints a line for each kind of layer. Run it on an idle machine.
 */
public final class SparseLayers {
  private static final int MEASUREMENTS = 3;

  /** A kind of layer and how its model is made with a part of its weights zero. */
  private record Kind(String name, Source source) {}

  private interface Source {
    Model with(double zeros);
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind("3x3, 128 channels, 14x14", zeros -> SparseModels.conv(128, 14, zeros)),
          new Kind("3x3, 64 channels, 16x16", zeros -> SparseModels.conv(64, 16, zeros)),
          new Kind("128 rows by 384x384", zeros -> SparseModels.matmul(128, 384, zeros)));

  private SparseLayers() {}

  /** Measures all kinds of layers. */
  public static void main(String[] args) {
    System.out.println("| layer | dense µs | 80 % zeros | 90 % zeros |");
    System.out.println("|---|---:|---:|---:|");
    try {
      for (Kind kind : KINDS) {
        double[] dense = new double[MEASUREMENTS];
        double[][] ratios = new double[2][MEASUREMENTS];
        for (int i = 0; i < MEASUREMENTS; i++) {
          dense[i] = nanos(kind.source().with(0));
          ratios[0][i] = nanos(kind.source().with(0.8)) / dense[i];
          ratios[1][i] = nanos(kind.source().with(0.9)) / dense[i];
        }
        System.out.printf(
            Locale.ROOT,
            "| %s | %.1f | %.3f | %.3f |%n",
            kind.name(),
            median(dense) / 1e3,
            median(ratios[0]),
            median(ratios[1]));
      }
    } catch (TitanException | IllegalStateException e) {
      System.err.println("sparse layers: " + e.getMessage());
      System.exit(1);
    }
  }

  /** The median of a model's products that neither read its input nor give its output. */
  private static double nanos(Model model) {
    Map<String, Shape> shapes = new HashMap<>();
    SessionOptions options = SessionOptions.defaults().withEngine("codegen").withThreads(1);
    try (Session session = model.open(options)) {
      double[] nanos =
          session.layerTimes(shapes).stream()
              .filter(layer -> layer.products() > 0)
              .mapToDouble(LayerTime::nanos)
              .toArray();
      if (nanos.length < 3) {
        throw new IllegalStateException("Generated code does not run here.");
      }
      return median(Arrays.copyOfRange(nanos, 1, nanos.length - 1));
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
