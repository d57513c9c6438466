package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import dev.tinytitan.compress.internal.WeightCount;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * How large a model is.
 *
 * @param multiplyAdds of one run, at the shapes that were asked for
 * @param parameters elements of its weights
 * @param nonZero how many of them are not zero
 * @param bytes of its file
 */
public record Footprint(long multiplyAdds, long parameters, long nonZero, long bytes) {

  /**
   * Measures a model.
   *
   * @param shapes of inputs with open dimensions, by name; sizes that fit are put in for missing
   *     ones
   */
  public static Footprint of(Model model, Map<String, Shape> shapes) {
    long multiplyAdds =
        ConcreteGraph.at(
            model.graph(),
            shapes,
            concrete -> new ChannelCosts(GraphScope.of(concrete)).multiplyAdds());
    return new Footprint(multiplyAdds, 0, 0, 0).withWeightsOf(model);
  }

  /** The same multiply-adds with the weights of another model of the same shapes. */
  Footprint withWeightsOf(Model model) {
    WeightCount count = WeightCount.of(model.graph());
    try {
      long size =
          OnnxWriter.write(model.graph(), model.info(), OutputStream.nullOutputStream()).bytes();
      return new Footprint(multiplyAdds, count.elements(), count.nonZero(), size);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The share of weights that are zero, 0 to 1. */
  public double sparsity() {
    return parameters == 0 ? 0 : 1 - (double) nonZero / parameters;
  }
}
