package dev.tinytitan.kernel;

import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What a kernel is asked for: a node with concrete shapes.
 *
 * @param inputs types of the inputs, all static; empty for one left out
 * @param outputs types of the outputs, all static
 * @param constants values of the inputs that never change; empty for the others
 * @param layout how feature maps (inputs and outputs that are not constants, of at least three
 *     dimensions) lie; constants always lie row-major
 * @param packed where packed forms of constants are shared between the plans of one session
 */
public record KernelRequest(
    Node node,
    List<Optional<TensorType>> inputs,
    List<TensorType> outputs,
    List<Optional<Tensor>> constants,
    Layout layout,
    PackedWeights packed) {

  /** The operator. */
  public Operator operator() {
    return node.operator();
  }

  /** The operator, of the class that the kernel's row is for. */
  public <T extends Operator> T operator(Class<T> type) {
    return type.cast(node.operator());
  }

  /** True if input {@code index} is given. */
  public boolean hasInput(int index) {
    return index < inputs.size() && inputs.get(index).isPresent();
  }

  /** Shape of input {@code index}, which must be given. */
  public Shape inputShape(int index) {
    return inputs.get(index).orElseThrow().shape();
  }

  /** Element type of input {@code index}, which must be given. */
  public DType inputDType(int index) {
    return inputs.get(index).orElseThrow().dtype();
  }

  /** True if input {@code index} is given and never changes. */
  public boolean isConstant(int index) {
    return index < constants.size() && constants.get(index).isPresent();
  }

  /** The value of input {@code index}, which must be constant. */
  public Tensor constant(int index) {
    return constants.get(index).orElseThrow();
  }

  /** Shape of output {@code index}. */
  public Shape outputShape(int index) {
    return outputs.get(index).shape();
  }

  /** Element type of output {@code index}. */
  public DType outputDType(int index) {
    return outputs.get(index).dtype();
  }

  /** The same request with another layout. */
  public KernelRequest withLayout(Layout other) {
    return new KernelRequest(node, inputs, outputs, constants, other, packed);
  }
}
