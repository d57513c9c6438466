package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Samples;
import dev.tinytitan.ir.Graph;
import java.util.Map;

/** A float graph that is ready, with what calibration saw of it. */
record Prepared(
    Preparation preparation,
    Graph graph,
    Calibration calibration,
    WeightFormat format,
    Samples samples,
    Map<String, LayerRounding.Bias> biases,
    Map<String, Range> learnedRanges) {

  Prepared with(WeightFormat other, Map<String, LayerRounding.Bias> otherBiases) {
    return new Prepared(
        preparation, graph, calibration, other, samples, otherBiases, learnedRanges);
  }

  Prepared with(Preparation other) {
    return new Prepared(other, graph, calibration, format, samples, biases, learnedRanges);
  }

  /** What training made of it; it sees to the biases itself. */
  Prepared learned(Graph other, WeightFormat weights, Map<String, Range> ranges) {
    return new Prepared(
        preparation.withBiases(false, false),
        other,
        calibration,
        weights,
        samples,
        Map.of(),
        ranges);
  }
}
