package dev.tinytitan.ir;

import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** How an operator says what its node looks like at the opset a model is written in. */
public interface ExportContext {
  /** The opset of the default domain that the model is to be written in. */
  int opset();

  /** The node being written. */
  Node node();

  /** Sets the attributes to write, replacing those set before. */
  void attributes(Attributes attributes);

  /** The value of input {@code index} where it is a constant. */
  Optional<Tensor> constant(int index);

  /** Replaces the inputs of the written node, for older opsets that order them otherwise. */
  void inputs(List<String> names);

  /** Leaves input {@code index} out of the written node; trailing gaps are dropped. */
  void dropInput(int index);

  /** Writes the node under another operator name (such as Upsample for an old Resize). */
  void opType(String name);

  /**
   * Says that the node cannot be written below {@code opset}: where the model's is older, the whole
   * model is raised and written again.
   */
  void requireOpset(int opset);

  /**
   * For an input that was an attribute in older opsets: where the model is older than {@code
   * since}, writes the constant input {@code index} as attribute {@code name} (integers as a list,
   * a scalar as one number) and drops the input; where it is no constant, requires {@code since}.
   *
   * @param scalar whether the attribute is one number and not a list
   */
  void inputWasAttributeUntil(int since, int index, String name, boolean scalar);
}
