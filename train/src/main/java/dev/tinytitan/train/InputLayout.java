package dev.tinytitan.train;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a sample of float32 numbers becomes the inputs of a model: those of a model with several lie
 * end to end in each sample. Integers, such as token ids, are floats of the same value up to 2²⁴.
 */
public final class InputLayout {
  private final List<Value> inputs;
  private final List<Shape> shapes;
  private final int sampleSize;

  private InputLayout(List<Value> inputs, List<Shape> shapes) {
    this.inputs = inputs;
    this.shapes = shapes;
    this.sampleSize = shapes.stream().mapToInt(Shape::size).sum();
  }

  /**
   * The layout of a model's inputs, whose first dimension is the batch; other open dimensions count
   * as 1.
   */
  public static InputLayout of(List<Value> inputs) {
    return new InputLayout(
        List.copyOf(inputs), inputs.stream().map(value -> shape(value.tensorType())).toList());
  }

  private static Shape shape(TensorType type) {
    return Shape.of(
        type.knownDims().stream().skip(1).mapToInt(d -> d.isFixed() ? d.size() : 1).toArray());
  }

  /** Elements of a sample, all inputs together. */
  public int sampleSize() {
    return sampleSize;
  }

  /** The shape of a sample without the batch: the input's, or all elements if there are several. */
  public Shape sampleShape() {
    return shapes.size() == 1 ? shapes.getFirst() : Shape.of(sampleSize);
  }

  /**
   * The inputs for some samples.
   *
   * @param samples one after the other
   * @param first the number of the first sample taken
   * @param count how many are taken
   */
  public Map<String, Tensor> tensors(float[] samples, int first, int count) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      int[] dims = new int[shapes.get(i).rank() + 1];
      dims[0] = count;
      System.arraycopy(shapes.get(i).toArray(), 0, dims, 1, dims.length - 1);
      Value input = inputs.get(i);
      tensors.put(input.name(), Tensor.zeros(input.tensorType().dtype(), Shape.of(dims)));
    }
    fill(samples, first, tensors);
    return tensors;
  }

  /**
   * Fills in tensors for as many samples as they have room for.
   *
   * @param first the number of the first sample taken
   */
  void fill(float[] samples, int first, Map<String, Tensor> tensors) {
    int offset = 0;
    for (int i = 0; i < inputs.size(); i++) {
      int size = shapes.get(i).size();
      Tensor tensor = tensors.get(inputs.get(i).name());
      if (tensor == null) {
        throw new IllegalArgumentException("no tensor for input " + inputs.get(i).name());
      }
      for (int row = 0; row < tensor.shape().dim(0); row++) {
        int from = (first + row) * sampleSize + offset;
        if (tensor.dtype() == DType.FLOAT32) {
          System.arraycopy(samples, from, tensor.floatArray(), row * size, size);
        } else {
          copy(samples, from, tensor, row * size, size);
        }
      }
      offset += size;
    }
  }

  private static void copy(float[] samples, int from, Tensor tensor, int at, int size) {
    boolean integers = tensor.dtype().isInteger();
    for (int j = 0; j < size; j++) {
      if (integers) {
        tensor.setLong(at + j, (long) samples[from + j]);
      } else {
        tensor.setFloat(at + j, samples[from + j]);
      }
    }
  }
}
