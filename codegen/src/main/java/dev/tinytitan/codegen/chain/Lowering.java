package dev.tinytitan.codegen.chain;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.IntegerBinary;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.IntegerGlobalAveragePool;
import dev.tinytitan.op.IntegerLookup;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.ViewOperator;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes layers of a chain's nodes, in two steps. The first gives each value its buffer and finds
 * out how wide borders must be; it may refuse the chain. The second packs constants and makes the
 * layers.
 */
final class Lowering {
  private final Chain chain;
  private final Map<String, Buffer> buffers = new LinkedHashMap<>();

  /** Inputs that lie in a Java array of floats: the layers that read it. */
  private final Map<String, List<Layer>> floatInputs = new HashMap<>();

  private final List<Step> steps = new ArrayList<>();
  private final int images;
  private @Nullable String refusal;

  private Lowering(Chain chain) {
    this.chain = chain;
    this.images = images();
    layOut();
  }

  /** How many images a batch has: code is written for one, and runs once for each. */
  private int images() {
    int images = 0;
    List<Shape> matrices = new ArrayList<>();
    for (KernelRequest node : chain.nodes()) {
      List<Shape> shapes = new ArrayList<>(List.of(node.outputShape(0)));
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.hasInput(i) && !node.isConstant(i)) {
          shapes.add(node.inputShape(i));
        }
      }
      for (Shape shape : shapes) {
        if (shape.rank() == 2) {
          matrices.add(shape);
        } else if (images != 0 && images != shape.dim(0)) {
          refuse("its tensors differ in the size of the batch");
        } else {
          images = shape.dim(0);
        }
      }
    }
    for (Shape matrix : matrices) {
      if (images > 0 && matrix.dim(0) != images) {
        refuse("its matrices have not one row for each image");
      }
    }
    return Math.max(images, 1);
  }

  /** Why a chain, whose nodes were taken singly, cannot be compiled; empty if it can. */
  static Optional<String> refusal(Chain chain) {
    return Optional.ofNullable(new Lowering(chain).refusal);
  }

  /**
   * Layers of a chain that {@link #refusal} let pass.
   *
   * @param buffers all, without those that are only views
   * @param steps in order, without those that read Java arrays
   * @param inputs by position: the buffer of an input, or the layers that read its array
   * @param outputs by position
   * @param images of a batch; everything is for one
   */
  record Result(
      List<Buffer> buffers,
      List<Step> steps,
      List<Input> inputs,
      List<Buffer> outputs,
      int images) {}

  /**
   * A layer, and the node that it computes, perhaps with others.
   *
   * @param reads what it may read
   */
  record Step(Layer layer, KernelRequest node, List<Buffer> reads) {
    boolean readsFloats() {
      return node.inputDType(0) == DType.FLOAT32;
    }
  }

  /**
   * An input's buffer, or else the layers that read its array of floats.
   *
   * @param size elements of one image
   */
  record Input(@Nullable Buffer buffer, List<Layer> readers, int size) {}

  static Result lower(Chain chain) {
    Lowering lowering = new Lowering(chain);
    if (lowering.refusal != null) {
      throw new IllegalStateException("The chain was refused: " + lowering.refusal + ".");
    }
    for (KernelRequest node : chain.nodes()) {
      lowering.addLayer(node);
    }
    List<Input> inputs = new ArrayList<>();
    for (String name : chain.inputs()) {
      List<Layer> readers = lowering.floatInputs.get(name);
      inputs.add(
          readers == null
              ? new Input(lowering.buffer(name), List.of(), lowering.inputSize(name))
              : new Input(null, readers, lowering.inputSize(name)));
    }
    List<Buffer> outputs = new ArrayList<>();
    for (String name : chain.outputs()) {
      outputs.add(lowering.buffer(name));
    }
    return new Result(
        List.copyOf(new LinkedHashSet<>(lowering.buffers.values())),
        lowering.steps,
        inputs,
        outputs,
        lowering.images);
  }

  /** Elements of one image of an input. */
  private int inputSize(String name) {
    for (KernelRequest node : chain.nodes()) {
      int index = node.node().inputs().indexOf(name);
      if (index >= 0) {
        return node.inputShape(index).size() / images;
      }
    }
    throw new IllegalStateException("Nobody reads " + name + ".");
  }

  private Buffer buffer(String name) {
    Buffer buffer = buffers.get(name);
    if (buffer == null) {
      throw new IllegalStateException("Value " + name + " has no buffer.");
    }
    return buffer;
  }

  // Buffers and borders.

  private void refuse(String reason) {
    if (refusal == null) {
      refusal = reason;
    }
  }

  private void layOut() {
    boolean computes = false;
    for (KernelRequest node : chain.nodes()) {
      Operator operator = node.operator();
      computes |=
          operator instanceof IntegerConv
              || operator instanceof IntegerMatMul
              || FloatNodes.computes(operator);
    }
    if (!computes) {
      refuse("it has no convolution or product to gain from");
    }
    for (KernelRequest node : chain.nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.hasInput(i) && !node.isConstant(i)) {
          layOutInput(node, i);
        }
      }
      if (refusal != null) {
        return;
      }
      layOutOutput(node);
    }
  }

  private void layOutInput(KernelRequest node, int index) {
    String name = node.node().input(index);
    if (buffers.containsKey(name)) {
      return;
    }
    boolean floats = node.inputDType(index) == DType.FLOAT32;
    if (floats && node.operator() instanceof QuantizeLinear) {
      // Quantized straight from the array.
      floatInputs.putIfAbsent(name, new ArrayList<>());
      return;
    }
    if (floatInputs.containsKey(name)) {
      refuse("a float input is read in two ways");
      return;
    }
    Buffer buffer = newBuffer(name, node.inputDType(index), node.inputShape(index));
    buffers.put(name, buffer);
    if (floats) {
      boolean rows = node.inputShape(index).rank() == 2;
      floatInputs.put(name, List.of(new FloatInputLayer(buffer, rows)));
    }
  }

  private void layOutOutput(KernelRequest node) {
    String name = node.node().output();
    Shape shape = node.outputShape(0);
    if (node.operator() instanceof ViewOperator) {
      if (buffers.containsKey(node.node().input(0))) {
        buffers.put(name, buffer(node.node().input(0)));
      } else {
        refuse("a float input is not quantized first");
      }
      return;
    }
    Buffer output = newBuffer(name, node.outputDType(0), shape);
    buffers.put(name, output);
    Buffer input = buffers.get(node.node().input(0));
    switch (node.operator()) {
      case IntegerConv conv -> {
        if (input == null) {
          refuse("a convolution has no buffer to read");
          return;
        }
        widen(
            Geometry.window(conv.window(), node.inputShape(0), node.inputShape(1)),
            input,
            output,
            conv.xZeroPoint() + input.storedOffset());
      }
      case IntegerAveragePool pool -> {
        if (input == null) {
          refuse("a pooling has no buffer to read");
          return;
        }
        widen(
            Geometry.window(pool.window(), node.inputShape(0)),
            input,
            output,
            pool.xZeroPoint() + input.storedOffset());
      }
      case MaxPool pool when node.inputDType(0) != DType.FLOAT32 -> {
        if (input == null) {
          refuse("a pooling has no buffer to read");
          return;
        }
        widen(Geometry.window(pool.window(), node.inputShape(0)), input, output, 0);
      }
      case IntegerLookup _, IntegerBinary _ -> {
        for (String operand : node.node().inputs()) {
          Buffer buffer = buffers.get(operand);
          if (buffer != null && buffer.pixelBytes() != output.pixelBytes()) {
            refuse("operands do not lie alike");
          }
        }
      }
      case QuantizeLinear _ -> {
        if (input != null && output.pixelBytes() != output.channels() && output.width() > 1) {
          refuse("floats and bytes do not lie alike");
        }
      }
      default -> {
        if (input != null) {
          FloatNodes.window(node).ifPresent(window -> window.widenBorder(input, output, 0));
        }
      }
    }
  }

  private void widen(ProductLayer.Window window, Buffer input, Buffer output, int storedFill) {
    if (!window.pads(input, output) || input.accepts(storedFill)) {
      window.widenBorder(input, output, storedFill);
    } else {
      refuse("two windows pad one value differently");
    }
  }

  private Buffer newBuffer(String name, DType dtype, Shape shape) {
    Geometry geometry = Geometry.of(shape, images);
    boolean packed = geometry.channels() == 1 && onlyConvolved(name);
    return new Buffer(
        name, dtype, geometry.rows(), geometry.columns(), geometry.channels(), packed);
  }

  /** Whether a value is made by quantizing floats and then read by convolutions only. */
  private boolean onlyConvolved(String name) {
    boolean quantized = false;
    for (KernelRequest node : chain.nodes()) {
      quantized |= node.operator() instanceof QuantizeLinear && node.node().output().equals(name);
      if (node.node().inputs().contains(name)
          && (!(node.operator() instanceof IntegerConv) || NodeRules.isDepthwise(node))) {
        return false;
      }
    }
    return quantized;
  }

  // Layers.

  private void addLayer(KernelRequest node) {
    String inputName = node.node().input(0);
    Buffer output = buffer(node.node().output());
    Operator operator = node.operator();
    if (operator instanceof ViewOperator) {
      return;
    }
    if (operator instanceof QuantizeLinear) {
      Buffer from = buffers.get(inputName);
      boolean alike =
          output.pixelBytes() == output.channels()
              ? from != null || output.channels() == 1 || output.height() * output.width() == 1
              : output.height() * output.width() == 1;
      boolean matrix = node.inputShape(0).rank() == 2;
      Layer layer =
          new QuantizeLayer(
              from, output, node.constant(1).getFloat(0), zeroPoint(node, 2), alike || matrix);
      if (from == null) {
        Objects.requireNonNull(floatInputs.get(inputName)).add(layer);
      } else {
        addStep(layer, node);
      }
      return;
    }
    Buffer input = buffer(inputName);
    if (FloatNodes.refusal(node).isEmpty()) {
      for (Layer layer : FloatNodes.layers(node, inputBuffers(node), output)) {
        addStep(layer, node);
      }
      return;
    }
    Layer layer =
        switch (operator) {
          case IntegerConv conv -> conv(node, conv, input, output);
          case IntegerMatMul product -> product(node, product, input, output);
          case IntegerBinary binary ->
              new PairLayer(input, buffer(node.node().input(1)), output, binary);
          case IntegerGlobalAveragePool pool -> pool(pool, input, output);
          case IntegerAveragePool average ->
              new PoolLayer(
                  input,
                  output,
                  Geometry.window(average.window(), node.inputShape(0)),
                  average,
                  Geometry.counts(average, node.inputShape(0)));
          case MaxPool max ->
              new PoolLayer(
                  input,
                  output,
                  Geometry.window(max.window(), node.inputShape(0)),
                  null,
                  new float[0]);
          case IntegerLookup _ -> new LookupLayer(input, output, table(node, input, output));
          case DequantizeLinear _ ->
              new DequantizeLayer(input, output, node.constant(1).getFloat(0), zeroPoint(node, 2));
          case Softmax _ -> new SoftmaxLayer(input, output);
          default -> throw new IllegalStateException(operator.spec().name() + " was not refused");
        };
    addStep(layer, node);
  }

  /** A node of several layers reads its output, too, from one to the next. */
  private void addStep(Layer layer, KernelRequest node) {
    List<Buffer> reads = new ArrayList<>();
    for (Buffer input : inputBuffers(node)) {
      if (input != null) {
        reads.add(input);
      }
    }
    if (!steps.isEmpty() && steps.getLast().node() == node) {
      reads.add(buffer(node.node().output()));
    }
    steps.add(new Step(layer, node, reads));
  }

  private List<@Nullable Buffer> inputBuffers(KernelRequest node) {
    List<@Nullable Buffer> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      inputs.add(node.hasInput(i) && !node.isConstant(i) ? buffer(node.node().input(i)) : null);
    }
    return inputs;
  }

  private static int zeroPoint(KernelRequest node, int index) {
    return node.hasInput(index) ? node.constant(index).getInt(0) : 0;
  }

  private static Layer conv(KernelRequest node, IntegerConv conv, Buffer input, Buffer output) {
    Shape weights = node.inputShape(1);
    ProductLayer.Window window = Geometry.window(conv.window(), node.inputShape(0), weights);
    IntegerSums sums =
        IntegerSums.of(node, weights.dim(0), conv.xZeroPoint(), conv.output(), false);
    String size = window.kernelRows() + "x" + window.kernelColumns();
    return NodeRules.isDepthwise(node)
        ? new DepthwiseLayer("depthwise" + size, input, output, window, sums)
        : new IntegerProductLayer("conv" + size, input, output, window, sums, conv.group());
  }

  private static Layer product(
      KernelRequest node, IntegerMatMul product, Buffer input, Buffer output) {
    int filters = node.inputShape(1).dim(product.transB() ? 0 : 1);
    IntegerSums sums =
        IntegerSums.of(node, filters, product.aZeroPoint(), product.output(), !product.transB());
    return new IntegerProductLayer("matmul", input, output, ProductLayer.Window.POINT, sums, 1);
  }

  private static Layer pool(IntegerGlobalAveragePool pool, Buffer input, Buffer output) {
    float multiplier = pool.multiplier(input.height() * input.width());
    return new GlobalAverageLayer(
        input,
        output,
        pool.xZeroPoint() + input.storedOffset(),
        multiplier,
        Requantization.of(pool.output(), new float[] {multiplier}));
  }

  /** The table by stored values: bytes of int8 have their sign bit turned. */
  private static byte[] table(KernelRequest node, Buffer input, Buffer output) {
    Tensor table = node.constant(1);
    byte[] stored = new byte[256];
    for (int x = 0; x < stored.length; x++) {
      stored[x] = (byte) (table.getInt(x ^ input.storedOffset()) + output.storedOffset());
    }
    return stored;
  }
}
