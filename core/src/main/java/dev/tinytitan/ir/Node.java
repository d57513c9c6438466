package dev.tinytitan.ir;

import java.util.ArrayList;
import java.util.List;

/**
 * One application of an operator.
 *
 * @param name unique in its graph
 * @param inputs names of values; an empty name is an optional input left out
 * @param outputs names of values; an empty name is an optional output left out
 * @param doc the model's own words
 */
public record Node(
    String name, Operator operator, List<String> inputs, List<String> outputs, Documentation doc) {

  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** A node without documentation. */
  public static Node of(String name, Operator operator, List<String> inputs, List<String> outputs) {
    return new Node(name, operator, inputs, outputs, Documentation.NONE);
  }

  /** Input {@code index}; empty if left out or beyond the end. */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** True if input {@code index} is given. */
  public boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /** Output {@code index}; empty if left out or beyond the end. */
  public String output(int index) {
    return index < outputs.size() ? outputs.get(index) : "";
  }

  /** The first output, which every operator has. */
  public String output() {
    return outputs.get(0);
  }

  /** This node with another operator. */
  public Node withOperator(Operator other) {
    return new Node(name, other, inputs, outputs, doc);
  }

  /** This node with other inputs. */
  public Node withInputs(List<String> others) {
    return new Node(name, operator, others, outputs, doc);
  }

  /** This node with other outputs. */
  public Node withOutputs(List<String> others) {
    return new Node(name, operator, inputs, others, doc);
  }

  /** This node with one input replaced; the list grows with absent inputs if need be. */
  public Node withInput(int index, String value) {
    List<String> copy = new ArrayList<>(inputs);
    while (copy.size() <= index) {
      copy.add("");
    }
    copy.set(index, value);
    return withInputs(copy);
  }
}
