package dev.tinytitan.onnx;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of an ONNX file as records, named as in onnx.proto: operators are still names, names
 * of enclosing graphs are still visible in subgraphs. Tensors, values and types are already those
 * of the graph.
 */
final class OnnxProto {
  private OnnxProto() {}

  /**
   * A file.
   *
   * @param opsets opset by domain; ONNX's own under the empty name
   */
  record ModelProto(
      long irVersion,
      Map<String, Integer> opsets,
      String producerName,
      String producerVersion,
      String domain,
      long modelVersion,
      String doc,
      Map<String, String> properties,
      GraphProto graph,
      List<FunctionProto> functions) {}

  /**
   * A graph or subgraph.
   *
   * @param valueInfo declared types of values between nodes
   */
  record GraphProto(
      String name,
      Documentation doc,
      List<Value> inputs,
      List<Value> outputs,
      Map<String, Tensor> initializers,
      List<NodeProto> nodes,
      List<Value> valueInfo) {}

  /**
   * A node.
   *
   * @param domain {@code ""} for ONNX's own
   * @param overload tells apart functions of the same name
   */
  record NodeProto(
      String name,
      String opType,
      String domain,
      String overload,
      List<String> inputs,
      List<String> outputs,
      List<AttributeProto> attributes,
      Documentation doc) {

    /** Domain, name and overload: what a call of a model-local function is found by. */
    String functionKey() {
      return domain + "::" + opType + "::" + overload;
    }
  }

  /**
   * An attribute: a value, one or more subgraphs, or a reference to an attribute of the function
   * that the node stands in.
   *
   * @param refName the referred attribute; empty if this is none
   * @param value null if there are subgraphs or a reference instead
   * @param graphs null if there is a value or a reference instead
   * @param isGraphList whether the attribute is a list of subgraphs and not one
   */
  record AttributeProto(
      String name,
      String refName,
      @Nullable Attribute value,
      @Nullable List<GraphProto> graphs,
      boolean isGraphList) {

    /** A plain value. */
    static AttributeProto of(String name, Attribute value) {
      return new AttributeProto(name, "", value, null, false);
    }

    /** The same under another name. */
    AttributeProto named(String other) {
      return new AttributeProto(other, refName, value, graphs, isGraphList);
    }

    /** The subgraphs; none if it has a value or is a reference. */
    List<GraphProto> subgraphs() {
      return graphs == null ? List.of() : graphs;
    }
  }

  /**
   * A model-local function.
   *
   * @param attributes names of attributes without a default
   * @param defaults attributes with their defaults
   * @param opsets opset by domain, for its nodes
   */
  record FunctionProto(
      String domain,
      String name,
      String overload,
      List<String> inputs,
      List<String> outputs,
      List<String> attributes,
      List<AttributeProto> defaults,
      List<NodeProto> nodes,
      Map<String, Integer> opsets) {

    /** What calls find it by; see {@link NodeProto#functionKey}. */
    String key() {
      return domain + "::" + name + "::" + overload;
    }
  }

  /** ONNX's own domain has two names; this is the one used here, {@code ""}. */
  static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }
}
