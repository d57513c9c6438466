package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Quotient;
import dev.tinytitan.codegen.standin.SoftmaxRow;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
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
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.Optional;

/** Which nodes chains take, each looked at by itself. */
final class NodeRules {
  /** Weights of grouped convolutions with zeros for the other groups' channels, at most. */
  private static final long MOST_GROUPED_WEIGHTS = 1 << 18;

  /** Taps of a depthwise window at most: the code for each is written out. */
  private static final int MOST_DEPTHWISE_TAPS = 64;

  /** Elements of a pooling's window at most, for the same reason. */
  private static final int MOST_POOLING_TAPS = 64;

  /** The largest tensor, in bytes: addresses are 32-bit distances. */
  private static final long MOST_BYTES = 1 << 26;

  private NodeRules() {}

  /** Why a node cannot be part of a chain; empty if it can. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 0; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        Optional<String> refusal = tensorRefusal(request.inputs().get(i).orElseThrow());
        if (refusal.isPresent()) {
          return refusal;
        }
      }
    }
    for (TensorType output : request.outputs()) {
      Optional<String> refusal = tensorRefusal(output);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    if (!request.hasInput(0) || request.isConstant(0) || request.outputs().size() != 1) {
      return Optional.of("the node has no input that varies, or several outputs");
    }
    return integerRefusal(request);
  }

  /**
   * In plain comparisons, the most frequent operators first: a switch over classes would load all
   * of them, and what makes switches, while a small model waits for its first answer.
   */
  private static Optional<String> integerRefusal(KernelRequest request) {
    Operator operator = request.operator();
    if (operator instanceof IntegerConv conv) {
      return conv(request, conv);
    }
    if (operator instanceof ViewOperator) {
      return view(request);
    }
    if (operator instanceof IntegerMatMul product) {
      return product(request, product);
    }
    if (operator instanceof QuantizeLinear quantize) {
      return quantize(request, quantize);
    }
    if (operator instanceof DequantizeLinear) {
      return dequantize(request);
    }
    if (operator instanceof Softmax) {
      return SoftmaxRow.refusal(request);
    }
    if (operator instanceof IntegerGlobalAveragePool pool) {
      return pool(request, pool);
    }
    if (operator instanceof IntegerBinary binary) {
      return binary(request, binary);
    }
    if (operator instanceof IntegerAveragePool pool) {
      return averagePool(request, pool);
    }
    if (operator instanceof IntegerLookup) {
      return lookup(request);
    }
    return operator instanceof MaxPool pool && is8Bit(request.inputDType(0))
        ? window(request, pool.window())
        : FloatNodes.refusal(request);
  }

  /**
   * Whether a node that chains take gives the same bits on its operator's reference: integer
   * operators, what only moves elements, and the way between floats and integers, of which each
   * operation is rounded correctly. A softmax gives them in its row in plain Java.
   */
  static boolean isExact(KernelRequest request) {
    Operator operator = request.operator();
    OpSpec spec = operator.spec();
    return (spec.relativeTolerance() == 0 && spec.absoluteTolerance() == 0)
        || operator instanceof ViewOperator
        || operator instanceof QuantizeLinear
        || operator instanceof DequantizeLinear
        || operator instanceof Softmax
        || (operator instanceof MaxPool && is8Bit(request.inputDType(0)));
  }

  private static Optional<String> tensorRefusal(TensorType type) {
    Optional<String> refusal = Geometry.refusal(type);
    return refusal.isEmpty() && type.dtype().byteSize(type.shape().size()) > MOST_BYTES
        ? Optional.of("a tensor is larger than 64 MiB")
        : refusal;
  }

  private static Optional<String> conv(KernelRequest request, IntegerConv conv) {
    if (request.inputShape(0).rank() < 3 || !request.isConstant(1)) {
      return Optional.of("weights are not constant");
    }
    Shape weights = request.inputShape(1);
    int filters = weights.dim(0);
    int taps = weights.sizeBetween(2, weights.rank());
    if (isDepthwise(request)) {
      if (taps > MOST_DEPTHWISE_TAPS) {
        return Optional.of("the depthwise window has " + taps + " elements");
      }
    } else if (conv.group() > 1 && (long) weights.size() * conv.group() > MOST_GROUPED_WEIGHTS) {
      return Optional.of("there is no kernel for " + conv.group() + " large groups");
    }
    return IntegerSums.refusal(request, filters);
  }

  /** Whether each channel has one filter of its own. */
  static boolean isDepthwise(KernelRequest request) {
    IntegerConv conv = request.operator(IntegerConv.class);
    Shape weights = request.inputShape(1);
    // Fewer channels lie without gaps, which the interleaving does not know.
    return conv.group() > 1 && weights.dim(1) == 1 && weights.dim(0) == conv.group();
  }

  private static Optional<String> product(KernelRequest request, IntegerMatMul product) {
    if (request.inputShape(0).rank() != 2
        || !request.isConstant(1)
        || request.inputShape(1).rank() != 2) {
      return Optional.of("it is no product of a matrix with constant weights");
    }
    return IntegerSums.refusal(request, request.inputShape(1).dim(product.transB() ? 0 : 1));
  }

  private static Optional<String> binary(KernelRequest request, IntegerBinary binary) {
    if (request.isConstant(1) || !request.inputShape(0).equals(request.inputShape(1))) {
      return Optional.of("the operands are not two tensors of one shape");
    }
    return PairLayer.reach(binary) < 0x1p30
        ? Optional.empty()
        : Optional.of("results may leave the int32 range");
  }

  private static Optional<String> pool(KernelRequest request, IntegerGlobalAveragePool pool) {
    Shape input = request.inputShape(0);
    return input.rank() > 2 && Float.isFinite(pool.multiplier(Geometry.of(input, 1).places()))
        ? Optional.empty()
        : Optional.of("its multiplier is not finite");
  }

  private static Optional<String> averagePool(KernelRequest request, IntegerAveragePool pool) {
    if (!(PoolLayer.reach(pool) < 0x1p30)) {
      return Optional.of("results may leave the int32 range");
    }
    Optional<String> refusal = window(request, pool.window());
    if (refusal.isPresent()) {
      return refusal;
    }
    for (float count : Geometry.counts(pool, request.inputShape(0))) {
      if (count == 0) {
        return Optional.of("a window lies in the padding as a whole");
      }
    }
    return Optional.empty();
  }

  private static Optional<String> window(KernelRequest request, Window window) {
    Shape input = request.inputShape(0);
    if (input.rank() < 3) {
      return Optional.of("the input has no rows and columns");
    }
    int taps = window.geometry(input).kernelSize();
    return taps <= MOST_POOLING_TAPS
        ? Optional.empty()
        : Optional.of("the window has " + taps + " elements");
  }

  private static Optional<String> lookup(KernelRequest request) {
    return request.isConstant(1) && is8Bit(request.outputDType(0))
        ? Optional.empty()
        : Optional.of("the table is not constant");
  }

  private static boolean is8Bit(DType dtype) {
    return dtype == DType.INT8 || dtype == DType.UINT8;
  }

  private static Optional<String> oneScale(KernelRequest request) {
    boolean one =
        request.isConstant(1)
            && request.constant(1).size() == 1
            && request.inputDType(1) == DType.FLOAT32
            && (!request.hasInput(2) || (request.isConstant(2) && request.constant(2).size() == 1));
    return one ? Optional.empty() : Optional.of("there is not one constant float32 scale");
  }

  private static Optional<String> quantize(KernelRequest request, QuantizeLinear quantize) {
    if (request.inputDType(0) != DType.FLOAT32
        || !is8Bit(request.outputDType(0))
        || quantize.blockSize() != 0
        || (quantize.precision() != null && quantize.precision() != DType.FLOAT32)) {
      return Optional.of("it does not quantize float32 to 8 bits");
    }
    Optional<String> refusal = oneScale(request);
    if (refusal.isEmpty() && !Quotient.takes(request.constant(1).getFloat(0))) {
      return Optional.of("the scale is out of the range for which the division is exact");
    }
    return refusal;
  }

  private static Optional<String> dequantize(KernelRequest request) {
    return is8Bit(request.inputDType(0)) && request.outputDType(0) == DType.FLOAT32
        ? oneScale(request)
        : Optional.of("it does not dequantize 8 bits to float32");
  }

  private static Optional<String> view(KernelRequest request) {
    Shape input = request.inputShape(0);
    Shape output = request.outputShape(0);
    int images = input.rank() > 2 ? input.dim(0) : output.rank() > 2 ? output.dim(0) : 1;
    boolean divides = input.dim(0) % images == 0 && output.dim(0) % images == 0;
    return divides && Geometry.of(input, images).isSame(Geometry.of(output, images))
        ? Optional.empty()
        : Optional.of("its elements lie in another order with channels last");
  }
}
