package dev.tinytitan.edge.learn;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A run of integer convolutions, one behind the other, up to the mean over all places: what {@link
 * CodedTrainer} can learn in little memory.
 *
 * @param cut the bytes that the first of them reads
 * @param layers in order
 * @param end the floats that the mean gives
 * @param endCodes how the bytes that the mean reads stand for numbers
 */
record CodedChain(String cut, List<Layer> layers, String end, ByteCodes endCodes) {

  /**
   * One convolution.
   *
   * @param weights int8 codes
   * @param bias one number for each filter
   * @param least the least level that it gives: its activation's 0, or 0
   * @param input shape, of one image
   */
  record Layer(
      LearnableTensor weights,
      LearnableTensor bias,
      WindowGeometry geometry,
      boolean isDepthwise,
      ByteCodes in,
      ByteCodes out,
      int least,
      Shape input) {

    int channels() {
      return input.dim(1);
    }

    int filters() {
      return weights.shape().dim(0);
    }

    int inputSize() {
      return channels() * geometry.inputSize();
    }

    int outputSize() {
      return filters() * geometry.outputSize();
    }
  }

  /**
   * The chain behind a cut.
   *
   * @param model for one sample at a time
   * @param tensors what can be learned of it
   * @return empty if something else than such a chain stands there
   */
  static Optional<CodedChain> of(Graph model, List<LearnableTensor> tensors, String cut) {
    return new Reader(model, tensors).read(cut);
  }

  private static final class Reader {
    private final Graph model;
    private final Map<String, TensorType> types;
    private final Map<String, LearnableTensor> byValue = new HashMap<>();

    Reader(Graph model, List<LearnableTensor> tensors) {
      this.model = model;
      this.types = TypeInference.infer(model);
      tensors.forEach(tensor -> byValue.put(tensor.value(), tensor));
    }

    Optional<CodedChain> read(String cut) {
      List<Layer> layers = new ArrayList<>();
      String codes = cut;
      while (true) {
        Optional<Node> dequantize = next(codes);
        if (dequantize.isEmpty()
            || !(dequantize.get().operator() instanceof DequantizeLinear)
            || !dequantize.get().input(0).equals(codes)) {
          return Optional.empty();
        }
        Optional<ByteCodes> in = ByteCodes.of(model, dequantize.get());
        Optional<Node> node = next(dequantize.get().output());
        if (in.isEmpty() || node.isEmpty()) {
          return Optional.empty();
        }
        if (isMean(node.get())) {
          return layers.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new CodedChain(cut, List.copyOf(layers), node.get().output(), in.get()));
        }
        Optional<Read> read = layer(node.get(), in.get());
        if (read.isEmpty()) {
          return Optional.empty();
        }
        layers.add(read.get().layer());
        codes = read.get().codes();
      }
    }

    /** A layer and the bytes that it gives. */
    private record Read(Layer layer, String codes) {}

    /** The only reader of a value, behind nodes that change nothing. */
    private Optional<Node> next(String value) {
      List<Node> readers = model.consumers(value);
      while (readers.size() == 1
          && (readers.getFirst().operator() instanceof Dropout
              || readers.getFirst().operator() instanceof Identity)) {
        readers = model.consumers(readers.getFirst().output());
      }
      return readers.size() == 1 ? Optional.of(readers.getFirst()) : Optional.empty();
    }

    private boolean isMean(Node node) {
      if (node.operator() instanceof GlobalAveragePool) {
        return true;
      }
      if (!(node.operator() instanceof AveragePool)) {
        return false;
      }
      Shape input = type(node.input(0));
      Shape output = type(node.output());
      int size = output.sizeBetween(2, output.rank());
      AveragePool pool = (AveragePool) node.operator();
      WindowGeometry geometry = pool.window().geometry(input);
      return size == 1
          && geometry.kernelSize() == geometry.inputSize()
          && geometry.countWithinPadding(0) == geometry.inputSize()
          && geometry.axes().stream().allMatch(axis -> axis.padBegin() == 0);
    }

    private Shape type(String value) {
      return Objects.requireNonNull(types.get(value)).shape();
    }

    private Optional<Read> layer(Node node, ByteCodes in) {
      if (!(node.operator() instanceof Conv conv) || !node.hasInput(2)) {
        return Optional.empty();
      }
      LearnableTensor weights = byValue.get(node.input(1));
      LearnableTensor bias = byValue.get(node.input(2));
      Optional<Node> after = next(node.output());
      boolean hasRelu = after.isPresent() && after.get().operator() instanceof Relu;
      Optional<Node> quantize = hasRelu ? next(after.get().output()) : after;
      if (weights == null
          || bias == null
          || !CodedWeights.isPossible(weights)
          || quantize.isEmpty()
          || !(quantize.get().operator() instanceof QuantizeLinear)) {
        return Optional.empty();
      }
      Shape input = type(node.input(0));
      boolean isDepthwise =
          conv.group() > 1 && weights.shape().dim(1) == 1 && weights.shape().dim(0) == input.dim(1);
      Optional<ByteCodes> out = ByteCodes.of(model, quantize.get());
      if (out.isEmpty() || (conv.group() != 1 && !isDepthwise)) {
        return Optional.empty();
      }
      int[] size = Arrays.copyOfRange(weights.shape().toArray(), 2, weights.shape().rank());
      WindowGeometry geometry = conv.window().geometry(input, Arrays.stream(size).boxed().toList());
      int least = hasRelu ? out.get().zero() : 0;
      Layer layer = new Layer(weights, bias, geometry, isDepthwise, in, out.get(), least, input);
      return Optional.of(new Read(layer, quantize.get().output()));
    }
  }
}
