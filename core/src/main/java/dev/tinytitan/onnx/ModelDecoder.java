package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.ValueType;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.ModelProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the messages of an ONNX file, field numbers as in onnx.proto, into {@link OnnxProto}. */
final class ModelDecoder {
  private final TensorDecoder tensors;
  private final SparseTensors sparseTensors;

  ModelDecoder(ExternalFiles files) {
    this.tensors = new TensorDecoder(files);
    this.sparseTensors = new SparseTensors(tensors);
  }

  /**
   * Reads a whole file.
   *
   * @throws MalformedModelException if it is no ONNX model
   */
  ModelProto model(ProtoReader message) {
    long irVersion = 0;
    Map<String, Integer> opsets = new LinkedHashMap<>();
    String producerName = "";
    String producerVersion = "";
    String domain = "";
    long modelVersion = 0;
    String doc = "";
    Map<String, String> properties = new LinkedHashMap<>();
    GraphProto graph = null;
    List<FunctionProto> functions = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> irVersion = message.varint();
        case 2 -> producerName = message.text();
        case 3 -> producerVersion = message.text();
        case 4 -> domain = message.text();
        case 5 -> modelVersion = message.varint();
        case 6 -> doc = message.text();
        case 7 -> {
          if (graph != null) {
            throw message.malformed("The model has two graphs");
          }
          graph = graph(message.message(), 0);
        }
        case 8 -> opset(message.message(), opsets);
        case 14 -> TensorDecoder.entry(message.message(), properties);
        case 25 -> functions.add(function(message.message()));
        default -> {}
      }
    }
    if (graph == null) {
      throw new MalformedModelException("The file holds no graph; it is no ONNX model.");
    }
    return new ModelProto(
        irVersion,
        opsets,
        producerName,
        producerVersion,
        domain,
        modelVersion,
        doc,
        properties,
        graph,
        functions);
  }

  private static void opset(ProtoReader message, Map<String, Integer> opsets) {
    String domain = "";
    long version = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> domain = message.name();
        case 2 -> version = message.varint();
        default -> {}
      }
    }
    if (version < 0 || version > Integer.MAX_VALUE) {
      throw new MalformedModelException(
          "The opset of domain '" + domain + "' is " + version + ", which is impossible",
          message.start());
    }
    opsets.put(OnnxProto.domain(domain), (int) version);
  }

  private GraphProto graph(ProtoReader message, int depth) {
    if (depth > Verifier.MAX_DEPTH) {
      throw new MalformedModelException(
          "Subgraphs are nested more than " + Verifier.MAX_DEPTH + " deep", message.start());
    }
    String name = "";
    String doc = "";
    Map<String, String> properties = new LinkedHashMap<>();
    List<Value> inputs = new ArrayList<>();
    List<Value> outputs = new ArrayList<>();
    Map<String, Tensor> initializers = new LinkedHashMap<>();
    List<NodeProto> nodes = new ArrayList<>();
    List<Value> valueInfo = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> nodes.add(node(message.message(), depth));
        case 2 -> name = message.text();
        case 5 -> initializer(tensors.decode(message.message()), initializers, message);
        case 10 -> doc = message.text();
        case 11 -> inputs.add(TypeDecoder.value(message.message()));
        case 12 -> outputs.add(TypeDecoder.value(message.message()));
        case 13 -> valueInfo.add(TypeDecoder.value(message.message()));
        case 15 -> initializer(sparseTensors.decode(message.message()), initializers, message);
        case 16 -> TensorDecoder.entry(message.message(), properties);
        default -> {}
      }
    }
    return new GraphProto(
        name, new Documentation(doc, properties), inputs, outputs, initializers, nodes, valueInfo);
  }

  private static void initializer(
      TensorDecoder.Named named, Map<String, Tensor> initializers, ProtoReader message) {
    if (initializers.put(named.name(), named.tensor()) != null) {
      throw message.malformed("Initializer '" + named.name() + "' is given twice");
    }
  }

  private NodeProto node(ProtoReader message, int depth) {
    String name = "";
    String opType = "";
    String domain = "";
    String overload = "";
    List<String> inputs = new ArrayList<>(4);
    List<String> outputs = new ArrayList<>(1);
    List<AttributeProto> attributes = new ArrayList<>(4);
    String doc = "";
    Map<String, String> properties = new LinkedHashMap<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> inputs.add(message.name());
        case 2 -> outputs.add(message.name());
        case 3 -> name = message.name();
        case 4 -> opType = message.name();
        case 5 -> attributes.add(attribute(message.message(), depth));
        case 6 -> doc = message.text();
        case 7 -> domain = message.name();
        case 8 -> overload = message.name();
        case 9 -> TensorDecoder.entry(message.message(), properties);
        default -> {}
      }
    }
    return new NodeProto(
        name,
        opType,
        OnnxProto.domain(domain),
        overload,
        inputs,
        outputs,
        attributes,
        new Documentation(doc, properties));
  }

  private FunctionProto function(ProtoReader message) {
    String name = "";
    String domain = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<String> attributes = new ArrayList<>();
    List<AttributeProto> defaults = new ArrayList<>();
    List<NodeProto> nodes = new ArrayList<>();
    Map<String, Integer> opsets = new LinkedHashMap<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.name();
        case 4 -> inputs.add(message.name());
        case 5 -> outputs.add(message.name());
        case 6 -> attributes.add(message.name());
        case 7 -> nodes.add(node(message.message(), 0));
        case 9 -> opset(message.message(), opsets);
        case 10 -> domain = message.name();
        case 11 -> defaults.add(attribute(message.message(), 0));
        case 13 -> overload = message.name();
        default -> {}
      }
    }
    return new FunctionProto(
        OnnxProto.domain(domain),
        name,
        overload,
        inputs,
        outputs,
        attributes,
        defaults,
        nodes,
        opsets);
  }

  /** The value fields of an attribute's message while it is read. */
  private static final class Fields {
    float number;
    long integer;
    String text = "";
    @Nullable Tensor tensor;
    @Nullable GraphProto graph;
    @Nullable ValueType type;
    final List<Float> floats = new ArrayList<>(0);
    final List<Long> ints = new ArrayList<>(0);
    final List<String> texts = new ArrayList<>(0);
    final List<Tensor> tensors = new ArrayList<>(0);
    final List<GraphProto> graphs = new ArrayList<>(0);
    final List<ValueType> types = new ArrayList<>(0);
  }

  /** Collects floats by their bits. A class, as few lambdas are on the way to a first answer. */
  private record FloatSink(List<Float> list) implements ProtoReader.ElementSink {
    @Override
    public void accept(long bits) {
      list.add(Float.intBitsToFloat((int) bits));
    }
  }

  /** Collects integers. */
  record LongSink(List<Long> list) implements ProtoReader.ElementSink {
    @Override
    public void accept(long bits) {
      list.add(bits);
    }
  }

  private AttributeProto attribute(ProtoReader message, int depth) {
    String name = "";
    String refName = "";
    int kind = 0;
    int guessed = 0;
    Fields fields = new Fields();
    while (message.next()) {
      int seen = kindOf(message.field());
      guessed = seen == 0 ? guessed : seen;
      switch (message.field()) {
        case 1 -> name = message.name();
        case 2 -> fields.number = message.float32();
        case 3 -> fields.integer = message.varint();
        case 4 -> fields.text = message.text();
        case 5 -> fields.tensor = tensors.decode(message.message()).tensor();
        case 6 -> fields.graph = graph(message.message(), depth + 1);
        case 7 -> message.forEach(ProtoReader.FIXED32, new FloatSink(fields.floats));
        case 8 -> message.forEach(ProtoReader.VARINT, new LongSink(fields.ints));
        case 9 -> fields.texts.add(message.text());
        case 10 -> fields.tensors.add(tensors.decode(message.message()).tensor());
        case 11 -> fields.graphs.add(graph(message.message(), depth + 1));
        case 14 -> fields.type = TypeDecoder.type(message);
        case 15 -> {
          ValueType type = TypeDecoder.type(message);
          if (type != null) {
            fields.types.add(type);
          }
        }
        case 20 -> kind = message.int32();
        case 21 -> refName = message.name();
        case 22 -> fields.tensor = sparseTensors.decode(message.message()).tensor();
        case 23 -> fields.tensors.add(sparseTensors.decode(message.message()).tensor());
        default -> {}
      }
    }
    if (!refName.isEmpty()) {
      return new AttributeProto(name, refName, null, null, false);
    }
    return value(name, kind == 0 ? guessed : kind, fields, message);
  }

  /** The kind of attribute that a value field belongs to, for old files that do not say it. */
  private static int kindOf(int field) {
    return switch (field) {
      case 2, 3, 4, 5, 6 -> field - 1;
      case 7, 8, 9, 10, 11 -> field - 1;
      case 14 -> 13;
      case 15 -> 14;
      case 22 -> 11;
      case 23 -> 12;
      default -> 0;
    };
  }

  private static AttributeProto value(String name, int kind, Fields fields, ProtoReader message) {
    if (kind == 5 || kind == 10) {
      List<GraphProto> graphs =
          kind == 10 ? fields.graphs : List.of(given(fields.graph, name, message));
      return new AttributeProto(name, "", null, graphs, kind == 10);
    }
    Attribute value =
        switch (kind) {
          case 1 -> new Attribute.Float(fields.number);
          case 2 -> new Attribute.Int(fields.integer);
          case 3 -> new Attribute.Text(fields.text);
          case 4, 11 -> new Attribute.OfTensor(given(fields.tensor, name, message));
          case 6 -> new Attribute.Floats(fields.floats);
          case 7 -> new Attribute.Ints(fields.ints);
          case 8 -> new Attribute.Texts(fields.texts);
          case 9, 12 -> new Attribute.Tensors(fields.tensors);
          case 13 -> new Attribute.OfType(given(fields.type, name, message));
          case 14 -> new Attribute.Types(fields.types);
          default ->
              throw new MalformedModelException(
                  "Attribute '" + name + "' has no value of a known kind", message.start());
        };
    return AttributeProto.of(name, value);
  }

  private static <T> T given(@Nullable T value, String name, ProtoReader message) {
    if (value == null) {
      throw new MalformedModelException(
          "Attribute '" + name + "' has no value of the kind it says", message.start());
    }
    return value;
  }
}
