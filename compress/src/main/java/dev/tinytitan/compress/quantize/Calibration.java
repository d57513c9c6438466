package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What calibration data makes of the values of a float graph: histograms, and mean, mean square and
 * greatest magnitude of each channel. Memory does not grow with the number of samples.
 */
final class Calibration {
  private final Map<String, Histogram> histograms = new LinkedHashMap<>();
  private final Map<String, ChannelMoments> moments = new LinkedHashMap<>();

  private int samples;

  private Calibration() {}

  /**
   * Runs the samples.
   *
   * @param values whose distribution is wanted
   * @param channels values of which the channels are looked at, with the axis of the channels; -1
   *     is the last
   * @throws BadDataException if there are no samples, or one does not fit
   */
  static Calibration run(
      Graph graph,
      ModelInfo info,
      Collection<String> values,
      Map<String, Integer> channels,
      Samples samples,
      int threads,
      Progress progress) {
    Calibration calibration = new Calibration();
    values.forEach(value -> calibration.histograms.put(value, new Histogram()));
    channels.forEach((value, axis) -> calibration.moments.put(value, new ChannelMoments(axis)));
    if (values.isEmpty() && channels.isEmpty()) {
      return calibration;
    }
    if (samples.size() == 0) {
      throw new BadDataException("There are no samples to calibrate with: give data.");
    }
    List<String> observed = new ArrayList<>(values);
    observed.addAll(channels.keySet());
    try (ObservedModel model = ObservedModel.open(graph, info, observed, threads)) {
      for (int i = 0; i < samples.size(); i++) {
        calibration.add(model.run(samples.get(i), i), i);
        progress.report("calibrate", i + 1, samples.size());
      }
    }
    return calibration;
  }

  private void add(Map<String, Tensor> seen, int number) {
    samples++;
    histograms.forEach((value, histogram) -> {
      Tensor tensor = seen.get(value);
      if (tensor != null && tensor.dtype() == DType.FLOAT32) {
        float[] elements = finite(value, tensor, number);
        histogram.add(elements, elements.length);
      }
    });
    moments.forEach((value, channel) -> {
      Tensor tensor = seen.get(value);
      if (tensor != null && tensor.dtype() == DType.FLOAT32) {
        channel.add(finite(value, tensor, number), tensor.shape());
      }
    });
  }

  private static float[] finite(String value, Tensor tensor, int number) {
    float[] elements = tensor.toFloatArray();
    for (float element : elements) {
      if (!Float.isFinite(element)) {
        throw new BadDataException(
            "On sample "
                + number
                + " the model's value '"
                + value
                + "' holds "
                + element
                + ": take the sample out, or exclude the nodes around.");
      }
    }
    return elements;
  }

  /** How many samples were run. */
  int samples() {
    return samples;
  }

  /** The ranges that a calibrator finds, by value. */
  Map<String, Range> ranges(Calibrator calibrator, double percentile) {
    Map<String, Range> ranges = new LinkedHashMap<>();
    histograms.forEach(
        (value, histogram) -> ranges.put(value, calibrator.range(histogram, percentile)));
    return ranges;
  }

  /** The channels of a value; empty ones where it was not looked at. */
  ChannelMoments channels(String value) {
    return moments.getOrDefault(value, new ChannelMoments(-1));
  }
}
