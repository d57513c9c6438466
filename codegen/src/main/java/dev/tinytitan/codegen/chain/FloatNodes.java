package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.FloatSums;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Nodes of float32: which ones chains take, their windows, their layers. */
final class FloatNodes {
  /** Weights of grouped convolutions with zeros for the other groups' channels, at most. */
  private static final long MOST_GROUPED_WEIGHTS = 1 << 16;

  private FloatNodes() {}

  /** Why a node cannot be part of a chain; empty if it can. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 0; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && request.inputDType(i) != DType.FLOAT32) {
        return Optional.of("an input is not float32");
      }
    }
    Operator operator = request.operator();
    return switch (operator) {
      case Conv conv -> conv(request, conv.group());
      case FusedConv conv -> {
        Optional<String> refusal = conv(request, conv.group());
        yield refusal.isEmpty() ? activation(conv.activation()) : refusal;
      }
      case FusedMatMul product -> product(request, product);
      case MaxPool pool -> pool(request, pool.window(), false);
      case AveragePool pool -> pool(request, pool.window(), pool.countIncludePad());
      case GlobalAveragePool _ -> globalPool(request);
      case Add _, Sub _, Mul _ -> pair(request);
      case Relu _ -> Optional.empty();
      default -> Optional.of(operator.spec().name() + " has no generator");
    };
  }

  private static Optional<String> activation(Activation activation) {
    return Clipping.takes(activation)
        ? Optional.empty()
        : Optional.of("there is no generator for the activation " + activation);
  }

  private static Optional<String> residual(KernelRequest request) {
    return request.hasInput(3) && request.isConstant(3)
        ? Optional.of("the residual is constant")
        : Optional.empty();
  }

  private static Optional<String> conv(KernelRequest request, int groups) {
    if (request.inputShape(0).rank() < 3 || !request.isConstant(1)) {
      return Optional.of("weights are not constant");
    }
    Shape weights = request.inputShape(1);
    if (isDepthwise(request, groups)) {
      if (weights.sizeBetween(2, weights.rank()) > FloatWindowLayer.MOST_TAPS) {
        return Optional.of("the depthwise window is too large");
      }
    } else if (groups > 1 && (long) weights.size() * groups > MOST_GROUPED_WEIGHTS) {
      return Optional.of("there is no kernel for " + groups + " large groups");
    }
    Optional<String> refusal = FloatSums.refusal(request, weights.dim(0));
    return refusal.isEmpty() ? residual(request) : refusal;
  }

  /** Whether each channel has one filter of its own. */
  private static boolean isDepthwise(KernelRequest request, int groups) {
    Shape weights = request.inputShape(1);
    return groups > 1 && weights.dim(1) == 1 && weights.dim(0) == groups;
  }

  private static Optional<String> product(KernelRequest request, FusedMatMul product) {
    if (request.inputShape(0).rank() != 2
        || !request.isConstant(1)
        || request.inputShape(1).rank() != 2) {
      return Optional.of("it is no product of a matrix with constant weights");
    }
    int filters = request.inputShape(1).dim(product.transB() ? 0 : 1);
    Optional<String> refusal = FloatSums.refusal(request, filters);
    if (refusal.isEmpty()) {
      refusal = residual(request);
    }
    return refusal.isEmpty() ? activation(product.activation()) : refusal;
  }

  private static Optional<String> pool(KernelRequest request, Window window, boolean padCounts) {
    Shape input = request.inputShape(0);
    if (input.rank() < 3) {
      return Optional.of("it has no spatial dimension");
    }
    WindowGeometry geometry = window.geometry(input, window.kernel());
    for (int axis = 0; axis < geometry.rank(); axis++) {
      WindowGeometry.Axis along = geometry.axes().get(axis);
      long reach =
          (request.outputShape(0).dim(axis + 2) - 1L) * along.stride()
              + (along.kernel() - 1L) * along.dilation()
              + 1;
      boolean padded = along.padBegin() > 0 || reach > input.dim(axis + 2);
      if (padded && !(padCounts && !window.ceilMode())) {
        return Optional.of("its padding does not count as zeros");
      }
    }
    int taps = 1;
    for (int size : window.kernel()) {
      taps = Math.multiplyExact(taps, size);
    }
    return taps <= FloatWindowLayer.MOST_TAPS
        ? Optional.empty()
        : Optional.of("the window is too large");
  }

  private static Optional<String> globalPool(KernelRequest request) {
    Shape input = request.inputShape(0);
    return input.rank() > 2 && Geometry.of(input, 1).places() <= FloatWindowLayer.MOST_TAPS
        ? Optional.empty()
        : Optional.of("the feature map is too large");
  }

  private static Optional<String> pair(KernelRequest request) {
    return request.isConstant(1) || !request.inputShape(0).equals(request.inputShape(1))
        ? Optional.of("the operands are not two tensors of one shape")
        : Optional.empty();
  }

  /** The window that a node moves over its input; empty if none. */
  static Optional<ProductLayer.Window> window(KernelRequest request) {
    return switch (request.operator()) {
      case Conv conv -> Optional.of(convWindow(request, conv.window()));
      case FusedConv conv -> Optional.of(convWindow(request, conv.window()));
      case MaxPool pool -> Optional.of(poolWindow(request, pool.window()));
      case AveragePool pool -> Optional.of(poolWindow(request, pool.window()));
      default -> Optional.empty();
    };
  }

  private static ProductLayer.Window convWindow(KernelRequest request, Window window) {
    Shape weights = request.inputShape(1);
    return Geometry.window(window, request.inputShape(0), weights);
  }

  private static ProductLayer.Window poolWindow(KernelRequest request, Window window) {
    return Geometry.window(window, request.inputShape(0));
  }

  /** Whether a node is a product or convolution, which chains are made for. */
  static boolean computes(Operator operator) {
    return operator instanceof Conv
        || operator instanceof FusedConv
        || operator instanceof FusedMatMul;
  }

  /**
   * The layers of a node that {@link #refusal} let pass.
   *
   * @param inputs buffers by position; null for constants and what is left out
   */
  static List<Layer> layers(KernelRequest request, List<@Nullable Buffer> inputs, Buffer output) {
    Buffer input = inputs.get(0);
    return switch (request.operator()) {
      case Conv conv -> conv(request, conv.group(), Clipping.NONE, inputs, output);
      case FusedConv conv ->
          conv(request, conv.group(), Clipping.of(conv.activation()), inputs, output);
      case FusedMatMul product -> {
        Clipping clipping = Clipping.of(product.activation());
        FloatSums sums =
            FloatSums.ofProduct(
                request, product.transB(), product.alpha(), ofSums(request, clipping));
        Layer layer =
            new FloatProductLayer(
                "float_matmul", input, output, ProductLayer.Window.POINT, sums, 1);
        yield withResidual(request, layer, clipping, inputs, output);
      }
      case MaxPool _ ->
          List.of(window(request, input, output, new FloatWindowLayer.Kind.Maximum()));
      case AveragePool pool -> {
        ProductLayer.Window window = poolWindow(request, pool.window());
        float factor = 1f / (window.kernelRows() * window.kernelColumns());
        yield List.of(window(request, input, output, new FloatWindowLayer.Kind.Mean(factor)));
      }
      case GlobalAveragePool _ -> {
        ProductLayer.Window all =
            new ProductLayer.Window(input.height(), input.width(), 1, 1, 1, 1, 0, 0);
        float factor = 1f / (input.height() * input.width());
        yield List.of(
            new FloatWindowLayer(input, output, all, new FloatWindowLayer.Kind.Mean(factor)));
      }
      case Add _, Sub _, Mul _ ->
          List.of(
              new FloatPairLayer(
                  instruction(request.operator()), input, inputs.get(1), output, Clipping.NONE));
      case Relu _ -> List.of(new FloatClipLayer(input, output, Clipping.of(Activation.RELU)));
      default ->
          throw new IllegalStateException(request.operator().spec().name() + " was not refused");
    };
  }

  private static Layer window(
      KernelRequest request, Buffer input, Buffer output, FloatWindowLayer.Kind kind) {
    return new FloatWindowLayer(input, output, window(request).orElseThrow(), kind);
  }

  private static Instruction instruction(Operator operator) {
    return switch (operator) {
      case Sub _ -> VSUBPS;
      case Mul _ -> VMULPS;
      default -> VADDPS;
    };
  }

  private static List<Layer> conv(
      KernelRequest request,
      int groups,
      Clipping clipping,
      List<@Nullable Buffer> inputs,
      Buffer output) {
    ProductLayer.Window window = window(request).orElseThrow();
    FloatSums sums = FloatSums.ofConv(request, ofSums(request, clipping));
    Buffer input = inputs.get(0);
    String size = window.kernelRows() + "x" + window.kernelColumns();
    Layer layer =
        isDepthwise(request, groups)
            ? window(request, input, output, new FloatWindowLayer.Kind.Weighted(sums))
            : new FloatProductLayer("float_conv" + size, input, output, window, sums, groups);
    return withResidual(request, layer, clipping, inputs, output);
  }

  /** What the sums are cut to: with a residual, that is left to the layer that adds it. */
  private static Clipping ofSums(KernelRequest request, Clipping clipping) {
    return request.hasInput(3) ? Clipping.NONE : clipping;
  }

  private static List<Layer> withResidual(
      KernelRequest request,
      Layer layer,
      Clipping clipping,
      List<@Nullable Buffer> inputs,
      Buffer output) {
    return request.hasInput(3)
        ? List.of(layer, new FloatPairLayer(VADDPS, output, inputs.get(3), output, clipping))
        : List.of(layer);
  }
}
