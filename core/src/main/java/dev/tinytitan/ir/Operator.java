package dev.tinytitan.ir;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator with its attributes: a record in package {@code op}, one file each, listed in the
 * catalog. Immutable; equality is by value.
 *
 * <p>Adding one is described in docs/adding-an-operator.md.
 */
public interface Operator {

  /** Name, opset range, decoder, tolerance: the same object for every instance of the operator. */
  OpSpec spec();

  /**
   * The attributes in the form of the operator's newest opset, defaults left out; what the exporter
   * writes.
   */
  default Attributes attributes() {
    return Attributes.none();
  }

  /**
   * Shape and dtype rule: the types of the outputs, as precise as the inputs' types and constants
   * allow. With all input types static and the constants that decide shapes known, every output is
   * static, unless it depends on data.
   *
   * @return one type for each possible output up to those asked for, in order
   * @throws dev.tinytitan.ShapeMismatchException if the inputs do not fit the operator
   */
  List<TensorType> infer(InferenceContext context);

  /**
   * The scalar reference: plain, exact, never optimized. Reads inputs from the context and writes
   * outputs through it.
   */
  void eval(EvalContext context);

  /**
   * Adds the nodes that compute the gradients of the node's inputs from those of its outputs. The
   * default says that there are none. An operator whose derivative is 0 wherever it has one gives
   * nothing.
   */
  default void gradient(GradientContext context) {
    context.refuse("no gradient is known for the operator");
  }

  /**
   * Multiply-adds and bytes moved, for static types. The default counts bytes only.
   *
   * @param inputs the inputs' types; null for an input left out
   */
  default Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return new Cost(0, bytesMoved(inputs, outputs));
  }

  /**
   * How the node is written at an older opset than the operator's newest form. The default writes
   * {@link #attributes} as they are and raises the model's opset to {@link OpSpec#compatibleSince}
   * where it is older.
   */
  default void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(spec().compatibleSince());
  }

  /** The subgraphs of a control-flow operator, each with its captured values as its last inputs. */
  default List<Graph> subgraphs() {
    return List.of();
  }

  /**
   * How many of the last inputs of the node, and of each of its subgraphs, are captured values:
   * {@link ImportContext#captures}. The exporter turns them back into references to the values
   * around.
   */
  default int captureCount() {
    return 0;
  }

  /**
   * The same operator around other subgraphs: how passes reach into branches and bodies. Operators
   * that have subgraphs override it.
   *
   * @param subgraphs in the order of {@link #subgraphs}
   * @param captureCount what {@link #captureCount} of the result is
   */
  default Operator withSubgraphs(List<Graph> subgraphs, int captureCount) {
    if (!subgraphs.isEmpty() || captureCount != 0) {
      throw new IllegalArgumentException(spec().name() + " has no subgraphs");
    }
    return this;
  }

  /** True if equal inputs may give different outputs (random numbers): never folded or shared. */
  default boolean isNondeterministic() {
    return false;
  }

  /** Bytes of all inputs and outputs whose types are static. */
  static long bytesMoved(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    long bytes = 0;
    for (TensorType type : inputs) {
      bytes += type != null && type.isStatic() ? type.dtype().byteSize(type.shape().size()) : 0;
    }
    for (TensorType type : outputs) {
      bytes += type.isStatic() ? type.dtype().byteSize(type.shape().size()) : 0;
    }
    return bytes;
  }
}
