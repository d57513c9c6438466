package dev.tinytitan.onnx;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.OpaqueType;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.ValueType;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.ModelProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes {@link OnnxProto} as the messages of an ONNX file, field numbers as in onnx.proto. */
final class ModelEncoder {
  private final @Nullable ExternalData external;

  /**
   * @param external takes the elements of large tensors; null to write all of them into the model
   */
  ModelEncoder(@Nullable ExternalData external) {
    this.external = external;
  }

  /** The message of a file. */
  ProtoWriter model(ModelProto model) {
    ProtoWriter message = new ProtoWriter();
    message.varint(1, model.irVersion());
    message.textIfAny(2, model.producerName());
    message.textIfAny(3, model.producerVersion());
    message.textIfAny(4, model.domain());
    if (model.modelVersion() != 0) {
      message.varint(5, model.modelVersion());
    }
    message.textIfAny(6, model.doc());
    message.message(7, graph(model.graph()));
    model.opsets().forEach((domain, version) -> message.message(8, opset(domain, version)));
    model.properties().forEach((key, value) -> message.message(14, entry(key, value)));
    model.functions().forEach(function -> message.message(25, function(function)));
    return message;
  }

  private static ProtoWriter opset(String domain, int version) {
    return new ProtoWriter().text(1, domain).varint(2, version);
  }

  private static ProtoWriter entry(String key, String value) {
    return new ProtoWriter().text(1, key).text(2, value);
  }

  private static ProtoWriter properties(ProtoWriter message, int field, Documentation doc) {
    doc.properties().forEach((key, value) -> message.message(field, entry(key, value)));
    return message;
  }

  private ProtoWriter graph(GraphProto graph) {
    ProtoWriter message = new ProtoWriter();
    graph.nodes().forEach(node -> message.message(1, node(node)));
    message.text(2, graph.name());
    graph.initializers().forEach((name, tensor) -> message.message(5, tensor(name, tensor)));
    message.textIfAny(10, graph.doc().text());
    graph.inputs().forEach(value -> message.message(11, value(value)));
    graph.outputs().forEach(value -> message.message(12, value(value)));
    graph.valueInfo().forEach(value -> message.message(13, value(value)));
    properties(message, 16, graph.doc());
    return message;
  }

  private ProtoWriter node(NodeProto node) {
    ProtoWriter message = new ProtoWriter();
    node.inputs().forEach(input -> message.text(1, input));
    node.outputs().forEach(output -> message.text(2, output));
    message.textIfAny(3, node.name());
    message.text(4, node.opType());
    node.attributes().forEach(attribute -> message.message(5, attribute(attribute)));
    message.textIfAny(6, node.doc().text());
    message.textIfAny(7, node.domain());
    message.textIfAny(8, node.overload());
    return properties(message, 9, node.doc());
  }

  private ProtoWriter function(FunctionProto function) {
    ProtoWriter message = new ProtoWriter();
    message.text(1, function.name());
    function.inputs().forEach(input -> message.text(4, input));
    function.outputs().forEach(output -> message.text(5, output));
    function.attributes().forEach(attribute -> message.text(6, attribute));
    function.nodes().forEach(node -> message.message(7, node(node)));
    function.opsets().forEach((domain, version) -> message.message(9, opset(domain, version)));
    message.text(10, function.domain());
    function.defaults().forEach(attribute -> message.message(11, attribute(attribute)));
    message.textIfAny(13, function.overload());
    return message;
  }

  private ProtoWriter attribute(AttributeProto attribute) {
    ProtoWriter message = new ProtoWriter();
    message.text(1, attribute.name());
    if (!attribute.refName().isEmpty()) {
      return message.text(21, attribute.refName());
    }
    List<GraphProto> graphs = attribute.subgraphs();
    if (attribute.graphs() != null) {
      graphs.forEach(graph -> message.message(attribute.isGraphList() ? 11 : 6, graph(graph)));
      return message.varint(20, attribute.isGraphList() ? 10 : 5);
    }
    return value(message, Objects.requireNonNull(attribute.value()));
  }

  private ProtoWriter value(ProtoWriter message, Attribute value) {
    int kind =
        switch (value) {
          case Attribute.Float number -> {
            message.float32(2, number.value());
            yield 1;
          }
          case Attribute.Int number -> {
            message.varint(3, number.value());
            yield 2;
          }
          case Attribute.Text text -> {
            message.text(4, text.value());
            yield 3;
          }
          case Attribute.OfTensor tensor -> {
            message.message(5, tensor("", tensor.value()));
            yield 4;
          }
          case Attribute.Floats numbers -> {
            message.floats(7, numbers.values());
            yield 6;
          }
          case Attribute.Ints numbers -> {
            message.varints(8, numbers.values());
            yield 7;
          }
          case Attribute.Texts texts -> {
            texts.values().forEach(text -> message.text(9, text));
            yield 8;
          }
          case Attribute.Tensors tensors -> {
            tensors.values().forEach(tensor -> message.message(10, tensor("", tensor)));
            yield 9;
          }
          case Attribute.OfType type -> {
            type(message, 14, type.value());
            yield 13;
          }
          case Attribute.Types types -> {
            types.values().forEach(type -> type(message, 15, type));
            yield 14;
          }
          case Attribute.OfGraph graph ->
              throw new IllegalStateException("subgraphs are messages by now");
          case Attribute.Graphs graphs ->
              throw new IllegalStateException("subgraphs are messages by now");
        };
    return message.varint(20, kind);
  }

  private static ProtoWriter value(Value value) {
    ProtoWriter message = new ProtoWriter().text(1, value.name());
    if (value.type() != null) {
      type(message, 2, value.type());
    }
    message.textIfAny(3, value.doc().text());
    return properties(message, 4, value.doc());
  }

  private static void type(ProtoWriter holder, int field, ValueType type) {
    switch (type) {
      case OpaqueType opaque ->
          holder.bytes(field, opaque.encoded().getBytes(StandardCharsets.ISO_8859_1));
      case TensorType tensor -> {
        ProtoWriter message = new ProtoWriter().varint(1, tensor.dtype().onnxNumber());
        if (tensor.dims() != null) {
          ProtoWriter shape = new ProtoWriter();
          tensor.dims().forEach(dim -> shape.message(1, dim(dim)));
          message.message(2, shape);
        }
        holder.message(field, new ProtoWriter().message(1, message));
      }
    }
  }

  private static ProtoWriter dim(Dim dim) {
    ProtoWriter message = new ProtoWriter();
    return switch (dim) {
      case Dim.Fixed fixed -> message.varint(1, fixed.size());
      case Dim.Symbol symbol -> message.text(2, symbol.name());
      case Dim.Unknown unknown -> message;
    };
  }

  /** The message of a tensor. */
  ProtoWriter tensor(String name, Tensor tensor) {
    ProtoWriter message = new ProtoWriter();
    message.varints(1, Arrays.stream(tensor.shape().toLongArray()).boxed().toList());
    message.varint(2, tensor.dtype().onnxNumber());
    message.textIfAny(8, name);
    if (tensor.dtype() == DType.STRING) {
      for (int i = 0; i < tensor.size(); i++) {
        message.text(6, tensor.getString(i));
      }
    } else if (external != null && tensor.byteSize() >= ExternalData.MIN_BYTES) {
      message.message(13, entry("location", external.location()));
      message.message(13, entry("offset", Long.toString(external.add(tensor))));
      message.message(13, entry("length", Long.toString(tensor.byteSize())));
      message.varint(14, 1);
    } else {
      message.elements(9, tensor);
    }
    return message;
  }
}
