package dev.tinytitan.onnx;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.ModelProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds model files for tests, message by message, valid or not. */
final class OnnxFiles {
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<Value> valueInfo = new ArrayList<>();
  private final Map<String, Integer> opsets = new LinkedHashMap<>();
  private final List<FunctionProto> functions = new ArrayList<>();
  private long irVersion = 10;

  private OnnxFiles() {}

  /** Starts a model. */
  static OnnxFiles opset(int opset) {
    return new OnnxFiles().opset("", opset);
  }

  OnnxFiles opset(String domain, int opset) {
    opsets.put(domain, opset);
    return this;
  }

  OnnxFiles irVersion(long version) {
    irVersion = version;
    return this;
  }

  OnnxFiles input(String name, int... dims) {
    return input(Value.of(name, TensorType.of(DType.FLOAT32, dims)));
  }

  OnnxFiles input(Value value) {
    inputs.add(value);
    return this;
  }

  OnnxFiles output(String name, int... dims) {
    outputs.add(Value.of(name, TensorType.of(DType.FLOAT32, dims)));
    return this;
  }

  OnnxFiles untypedOutput(String name) {
    outputs.add(Value.of(name, null));
    return this;
  }

  OnnxFiles initializer(String name, Tensor tensor) {
    initializers.put(name, tensor);
    return this;
  }

  OnnxFiles valueInfo(Value value) {
    valueInfo.add(value);
    return this;
  }

  OnnxFiles node(NodeProto node) {
    nodes.add(node);
    return this;
  }

  OnnxFiles function(FunctionProto function) {
    functions.add(function);
    return this;
  }

  GraphProto graph(String name) {
    return new GraphProto(
        name, Documentation.NONE, inputs, outputs, initializers, nodes, valueInfo);
  }

  ModelProto proto() {
    return new ModelProto(
        irVersion, opsets, "test", "1", "example", 3, "a test", Map.of(), graph("main"), functions);
  }

  byte[] bytes() {
    return bytes(new ModelEncoder(null).model(proto()));
  }

  OnnxModel read() {
    return OnnxReader.read(bytes());
  }

  static byte[] bytes(ProtoWriter message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      message.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  /** A node of ONNX's own domain. */
  static NodeProto node(
      String name,
      String opType,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    return node(name, "", opType, inputs, outputs, attributes);
  }

  static NodeProto node(
      String name,
      String domain,
      String opType,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    return new NodeProto(
        name, opType, domain, "", inputs, outputs, List.of(attributes), Documentation.NONE);
  }

  static AttributeProto attribute(String name, Attribute value) {
    return AttributeProto.of(name, value);
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.of(name, new Attribute.Int(value));
  }

  static AttributeProto attribute(String name, GraphProto graph) {
    return new AttributeProto(name, "", null, List.of(graph), false);
  }

  /** An attribute of a node in a function that takes the value of the function's own. */
  static AttributeProto reference(String name, String functionAttribute) {
    return new AttributeProto(name, functionAttribute, null, null, false);
  }

  static FunctionProto function(
      String name, List<String> inputs, List<String> outputs, NodeProto... nodes) {
    return new FunctionProto(
        "local", name, "", inputs, outputs, List.of(), List.of(), List.of(nodes), Map.of("", 21));
  }
}
