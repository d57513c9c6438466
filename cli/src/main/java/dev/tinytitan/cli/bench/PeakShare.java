package dev.tinytitan.cli.bench;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.NodeCost;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.kernel.PeakProbe;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * How much of what this processor can do at most a model's run comes to: its multiply-adds in the
 * time it took, by those that arithmetic on registers reaches. Integer models are set against the
 * peak of 8-bit dot products, others against that of float32.
 *
 * @param peaks of one thread
 */
public record PeakShare(PeakProbe.Peaks peaks) {

  /** Measures the peaks for about a second; empty where no code can be generated. */
  public static Optional<PeakShare> measure() {
    return ServiceLoader.load(PeakProbe.class)
        .findFirst()
        .filter(probe -> probe.problem().isEmpty())
        .map(PeakProbe::measure)
        .map(PeakShare::new);
  }

  /**
   * The share of one run.
   *
   * @param graph the model
   * @param inputs of the run, by name
   * @param nanos the time it took
   * @param threads that it may have used
   * @return from 0 to about 1; more is possible where zeros are left out
   */
  public double of(Graph graph, Map<String, Tensor> inputs, double nanos, int threads) {
    boolean bytes =
        graph.initializers().values().stream()
            .anyMatch(tensor -> tensor.shape().rank() >= 2 && !tensor.dtype().isFloat());
    double peak = threads * (bytes ? peaks.byteGmacs() : peaks.floatGmacs());
    return multiplyAdds(graph, inputs) / nanos / peak;
  }

  /** Of the whole model for these inputs; nodes of unknown cost count nothing. */
  private static long multiplyAdds(Graph graph, Map<String, Tensor> inputs) {
    Map<String, TensorType> types = new LinkedHashMap<>();
    inputs.forEach(
        (name, tensor) -> types.put(name, TensorType.of(tensor.dtype(), tensor.shape())));
    Map<String, TensorType> all = TypeInference.infer(graph, types, Map.of());
    long sum = 0;
    for (Node node : graph.nodes()) {
      sum += NodeCost.of(node, all).map(Cost::multiplyAdds).orElse(0L);
    }
    return sum;
  }
}
