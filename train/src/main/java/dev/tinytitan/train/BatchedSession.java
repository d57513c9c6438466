package dev.tinytitan.train;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Runs a model over samples that lie one after the other in one array, whatever batch it takes: an
 * open one, or one of a fixed size. Safe for use by many threads.
 */
public final class BatchedSession implements AutoCloseable {
  /** Samples of one run where the batch is open. */
  private static final int MOST = 128;

  private final Session session;
  private final InputLayout layout;
  private final Optional<Integer> fixed;

  /**
   * Opens a model.
   *
   * @throws ShapeMismatchException if its inputs have no first dimension for the batch
   */
  public BatchedSession(Model model, SessionOptions options) {
    for (Value input : model.inputs()) {
      if (!input.tensorType().hasRank() || input.tensorType().rank() == 0) {
        throw new ShapeMismatchException(
            "Input '" + input.name() + "' has no batch dimension: it is " + input.type() + ".");
      }
    }
    this.layout = InputLayout.of(model.inputs());
    this.fixed = model.inputs().stream().findFirst().flatMap(input -> size(input.tensorType()));
    this.session = model.open(options);
  }

  private static Optional<Integer> size(TensorType type) {
    Dim batch = type.dim(0);
    return batch.isFixed() ? Optional.of(batch.size()) : Optional.empty();
  }

  /** Elements of a sample, all inputs together. */
  public int sampleSize() {
    return layout.sampleSize();
  }

  /**
   * The shapes of the outputs without the batch, found by a run on zeros.
   *
   * @throws ShapeMismatchException if an output does not begin with the batch
   */
  public Map<String, Shape> outputShapes() {
    int batch = fixed.orElse(1);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    session
        .run(layout.tensors(new float[batch * layout.sampleSize()], 0, batch))
        .forEach((name, tensor) -> shapes.put(name, sampleShape(name, tensor, batch)));
    return shapes;
  }

  private static Shape sampleShape(String name, Tensor tensor, int batch) {
    int[] dims = tensor.shape().toArray();
    if (dims.length == 0 || dims[0] != batch) {
      throw new ShapeMismatchException(
          "The value '"
              + name
              + "' has the shape "
              + tensor.shape()
              + ", which does not begin with the batch of "
              + batch
              + ".");
    }
    return Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
  }

  /**
   * The outputs for some samples: for each output the numbers of all samples, one after the other.
   *
   * @param samples one after the other
   * @param first the number of the first sample taken
   * @param count how many are taken, at least 1
   */
  public Map<String, float[]> run(float[] samples, int first, int count) {
    Map<String, float[]> all = new LinkedHashMap<>();
    int step = fixed.orElse(MOST);
    for (int done = 0; done < count; done += step) {
      int size = Math.min(step, count - done);
      int batch = fixed.orElse(size);
      for (Map.Entry<String, Tensor> each :
          runBatch(samples, first + done, size, batch).entrySet()) {
        Tensor output = each.getValue();
        int row = sampleShape(each.getKey(), output, batch).size();
        float[] to = all.computeIfAbsent(each.getKey(), key -> new float[count * row]);
        System.arraycopy(output.toFloatArray(), 0, to, done * row, size * row);
      }
    }
    return all;
  }

  /** Where the batch is fixed, the places that are left over hold the last sample. */
  private Map<String, Tensor> runBatch(float[] samples, int first, int size, int batch) {
    if (size == batch) {
      return session.run(layout.tensors(samples, first, size));
    }
    int each = layout.sampleSize();
    float[] padded = new float[batch * each];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(samples, (first + Math.min(i, size - 1)) * each, padded, i * each, each);
    }
    return session.run(layout.tensors(padded, 0, batch));
  }

  /** The first output for all samples, one after the other. */
  public float[] predictions(float[] samples, int count) {
    return Objects.requireNonNull(run(samples, 0, count).values().iterator().next());
  }

  @Override
  public void close() {
    session.close();
  }
}
