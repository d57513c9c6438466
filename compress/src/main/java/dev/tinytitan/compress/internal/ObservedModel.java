package dev.tinytitan.compress.internal;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A session on a graph of which values between the nodes can be seen. The caller closes it. Serves
 * one thread.
 */
public final class ObservedModel implements AutoCloseable {
  private final Session session;

  private ObservedModel(Session session) {
    this.session = session;
  }

  /**
   * Opens a graph.
   *
   * @param values to be seen beside the outputs; inputs of the graph may be among them
   */
  public static ObservedModel open(
      Graph graph, ModelInfo info, Collection<String> values, int threads) {
    Set<String> wanted = new LinkedHashSet<>(values);
    graph.outputs().forEach(output -> wanted.remove(output.name()));
    graph.inputs().forEach(input -> wanted.remove(input.name()));
    Graph.Builder observed = graph.toBuilder();
    wanted.forEach(value -> observed.output(Value.of(value, null)));
    return new ObservedModel(
        Model.of(observed.build(), info).open(SessionOptions.defaults().withThreads(threads)));
  }

  /**
   * Runs a sample.
   *
   * @param number of the sample, for messages
   * @return the inputs, the outputs and the values to be seen, by name
   * @throws BadDataException if the sample does not fit the model, or holds NaN or infinity
   */
  public Map<String, Tensor> run(Sample sample, int number) {
    Map<String, Tensor> seen = new HashMap<>(sample.inputs());
    for (Map.Entry<String, Tensor> input : sample.inputs().entrySet()) {
      requireFinite(input.getKey(), input.getValue(), number);
    }
    try {
      seen.putAll(session.run(sample.inputs()));
    } catch (ShapeMismatchException error) {
      throw new BadDataException(
          "Sample " + number + " does not fit the model: " + error.getMessage(), error);
    }
    return seen;
  }

  private static void requireFinite(String name, Tensor tensor, int number) {
    if (!tensor.dtype().isFloat()) {
      return;
    }
    for (int i = 0; i < tensor.size(); i++) {
      if (!Double.isFinite(tensor.getDouble(i))) {
        throw new BadDataException(
            "Sample "
                + number
                + ", input '"
                + name
                + "', element "
                + i
                + " is "
                + tensor.getDouble(i)
                + ": take the sample out, or repair it.");
      }
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
