package dev.tinytitan.ir;

import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** The value of a node's attribute, of one of the kinds of the ONNX format. */
public sealed interface Attribute {
  /** An integer. */
  record Int(long value) implements Attribute {}

  /** A float32. */
  record Float(float value) implements Attribute {}

  /** A UTF-8 string. */
  record Text(String value) implements Attribute {}

  /** A tensor. */
  record OfTensor(Tensor value) implements Attribute {}

  /** A subgraph: a branch or a loop's body. */
  record OfGraph(Graph value) implements Attribute {}

  /** A type. */
  record OfType(ValueType value) implements Attribute {}

  /** A list of integers. */
  record Ints(List<Long> values) implements Attribute {
    public Ints {
      values = List.copyOf(values);
    }
  }

  /** A list of float32 numbers. */
  record Floats(List<java.lang.Float> values) implements Attribute {
    public Floats {
      values = List.copyOf(values);
    }
  }

  /** A list of strings. */
  record Texts(List<String> values) implements Attribute {
    public Texts {
      values = List.copyOf(values);
    }
  }

  /** A list of tensors. */
  record Tensors(List<Tensor> values) implements Attribute {
    public Tensors {
      values = List.copyOf(values);
    }
  }

  /** A list of subgraphs. */
  record Graphs(List<Graph> values) implements Attribute {
    public Graphs {
      values = List.copyOf(values);
    }
  }

  /** A list of types. */
  record Types(List<ValueType> values) implements Attribute {
    public Types {
      values = List.copyOf(values);
    }
  }
}
