package dev.tinytitan.edge.learn;

import dev.tinytitan.Model;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives a classifier one more class: a row more in the weights and the bias of its last layer. */
final class HeadGrowth {
  private HeadGrowth() {}

  /**
   * The model with one more class, the last one. Its weights begin as the mean of the others', its
   * bias below the least of them, so that it does not win before it is learned. Integer heads stay
   * on the grid of a channel that has the coarsest step.
   *
   * @throws UnsupportedModelException if the last layer's outputs are not the classes, or something
   *     behind it is made for their number
   */
  static Model grow(Model model) {
    Graph graph = model.graph();
    List<LearnableTensor> tensors = LearnableTensor.of(graph);
    int last =
        tensors.stream()
            .filter(tensor -> tensor.role() == LearnableTensor.Role.WEIGHT)
            .mapToInt(LearnableTensor::position)
            .max()
            .orElse(-1);
    Map<String, Tensor> changed = new LinkedHashMap<>();
    int coarsest = -1;
    for (LearnableTensor tensor : tensors) {
      if (tensor.position() >= last) {
        if (tensor.role() == LearnableTensor.Role.WEIGHT) {
          coarsest = coarsest(tensor);
        }
        grow(graph, tensor, Math.max(0, coarsest), changed);
      }
    }
    try {
      return Model.of(Constants.replace(graph, changed), model.info());
    } catch (ShapeMismatchException error) {
      throw new UnsupportedModelException(
          "The model cannot learn a new class: something behind its last layer is made for the"
              + " number of its classes ("
              + error.getMessage()
              + ")",
          List.of());
    }
  }

  private static int coarsest(LearnableTensor weights) {
    if (weights.grid().isEmpty()) {
      return 0;
    }
    float[] scale = weights.grid().get().scale();
    int best = 0;
    for (int i = 1; i < scale.length; i++) {
      best = scale[i] > scale[best] ? i : best;
    }
    return best;
  }

  private static void grow(
      Graph graph, LearnableTensor tensor, int like, Map<String, Tensor> changed) {
    int axis = tensor.outputAxis();
    int classes = tensor.shape().dim(axis);
    int inner = tensor.shape().strides()[axis];
    Shape shape = tensor.shape().withDim(axis, classes + 1);
    float[] old = tensor.values(graph);
    float[] values = new float[shape.size()];
    for (int i = 0; i < old.length; i++) {
      int outer = i / (inner * classes);
      values[outer * inner * (classes + 1) + i % (inner * classes)] = old[i];
    }
    boolean isBias = tensor.role() == LearnableTensor.Role.BIAS;
    for (int outer = 0; outer < old.length / (inner * classes); outer++) {
      for (int k = 0; k < inner; k++) {
        double sum = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
          float value = old[(outer * classes + c) * inner + k];
          sum += value;
          least = Math.min(least, value);
        }
        values[(outer * (classes + 1) + classes) * inner + k] =
            (float) (isBias ? least - 1 : sum / classes);
      }
    }
    if (tensor.grid().isEmpty()) {
      changed.put(tensor.stored(), Tensor.of(values, shape.toArray()));
      return;
    }
    IntegerGrid grid = tensor.grid().get();
    Node dequantize = graph.producer(tensor.value()).orElseThrow();
    if (grid.scale().length == classes && classes > 1) {
      IntegerGrid wider = grid.repeated(like);
      changed.put(dequantize.input(1), Tensor.of(wider.scale()));
      if (dequantize.hasInput(2)) {
        DType dtype = graph.constant(dequantize.input(2)).orElseThrow().dtype();
        Tensor zero = Tensor.zeros(dtype, Shape.of(classes + 1));
        for (int i = 0; i <= classes; i++) {
          zero.setLong(i, wider.zero()[i]);
        }
        changed.put(dequantize.input(2), zero);
      }
      grid = wider;
    }
    changed.put(tensor.stored(), grid.codes(values, shape));
  }
}
