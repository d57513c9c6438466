package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.NodeCost;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.If;
import dev.tinytitan.pass.Pipelines;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan inspect}: what is in a model, and what it costs. */
@Command(
    name = "inspect",
    description = {
      "Shows a model's layers, parameters, multiply-adds, bytes, activation memory and opset.",
      "Open dimensions count as --dim says, else as 1."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan inspect classifier.onnx",
      "  titan inspect encoder.onnx --dim sequence=128 --passes"
    })
public final class Inspect implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file = Path.of("");

  @Option(names = "--passes", description = "Show what each optimization pass does.")
  private boolean passes;

  @Option(names = "--text", description = "Print the graph in its readable form.")
  private boolean text;

  @Mixin private OpenDimensions dimensions = new OpenDimensions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Inspect() {}

  /** One layer of the listing; those of subgraphs stand below their node, one deeper. */
  record Layer(
      String name,
      int depth,
      String operator,
      String output,
      long parameters,
      @Nullable Long multiplyAdds) {}

  @Override
  public Integer call() throws IOException {
    Model model = Model.load(file);
    PrintWriter out = spec.commandLine().getOut();
    if (text) {
      out.print(model.graph());
      out.flush();
      return 0;
    }
    Graph graph = model.graph();
    Map<String, TensorType> inputs = new HashMap<>();
    for (Value input : graph.inputs()) {
      if (input.type() instanceof TensorType type) {
        inputs.put(input.name(), dimensions.fixed(input.name(), type));
      }
    }
    dimensions.check(graph.inputs());
    Map<String, TensorType> types;
    Long activationBytes = null;
    String note = null;
    try {
      types = TypeInference.infer(graph, inputs, Map.of());
      activationBytes = activationBytes(model, inputs);
    } catch (ShapeMismatchException error) {
      if (!dimensions.areAllOpen()) {
        throw error;
      }
      // Not every model can be run with dimensions of 1: what does not depend on them is told.
      types = TypeInference.infer(graph);
      note = "These sizes do not fit the model. " + dimensions.advice().orElse(error.getMessage());
    }
    List<Layer> layers = new ArrayList<>();
    long added = addLayers(graph, types, 0, layers);
    Long multiplyAdds = note == null ? Long.valueOf(added) : null;
    long parameters = sumOfWeights(graph, Tensor::size);
    long weightBytes = sumOfWeights(graph, Tensor::byteSize);
    List<Pipelines.Effect> effects = passes ? effects(model) : List.of();
    if (common.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", file.toString());
      result.put("fileBytes", Files.size(file));
      result.put("opset", model.info().opset());
      result.put("otherOpsets", model.info().otherOpsets());
      result.put("producer", model.info().producerName());
      result.put("inputs", values(graph.inputs()));
      result.put("outputs", values(graph.outputs()));
      result.put("parameters", parameters);
      result.put("weightBytes", weightBytes);
      result.put("multiplyAdds", multiplyAdds);
      result.put("activationBytes", activationBytes);
      if (note != null) {
        result.put("note", note);
      }
      result.put("layers", layers);
      if (passes) {
        result.put("passes", effects);
      }
      Json.print(out, result);
    } else {
      print(out, model, layers, parameters, weightBytes, multiplyAdds, activationBytes, effects);
      if (note != null) {
        out.println(note);
      }
    }
    out.flush();
    return 0;
  }

  private void print(
      PrintWriter out,
      Model model,
      List<Layer> layers,
      long parameters,
      long weightBytes,
      @Nullable Long multiplyAdds,
      @Nullable Long activationBytes,
      List<Pipelines.Effect> effects)
      throws IOException {
    Table table = new Table("layer", "operator", "output", "parameters>", "multiply-adds>");
    for (Layer layer : layers) {
      table.row(
          "  ".repeat(layer.depth()) + shorten(layer.name()),
          layer.operator(),
          layer.output(),
          layer.parameters() == 0 ? "" : Units.count(layer.parameters()),
          layer.multiplyAdds() == null || layer.multiplyAdds() == 0
              ? ""
              : Units.count(layer.multiplyAdds()));
    }
    table.print(out);
    out.println();
    out.println("file           " + file.getFileName() + ", " + Units.bytes(Files.size(file)));
    out.println(
        "opset          "
            + model.info().opset()
            + others(model)
            + (model.info().producerName().isEmpty()
                ? ""
                : ", written by " + model.info().producerName()));
    out.println("inputs         " + String.join("\n               ", values(model.inputs())));
    out.println("outputs        " + String.join("\n               ", values(model.outputs())));
    out.println("parameters     " + Units.count(parameters) + " in " + Units.bytes(weightBytes));
    if (multiplyAdds != null) {
      out.println("multiply-adds  " + Units.count(multiplyAdds));
    }
    if (activationBytes != null) {
      out.println("activations    " + Units.bytes(activationBytes) + " at most, as planned here");
    }
    if (!effects.isEmpty()) {
      out.println();
      Table passTable = new Table("pass", "nodes before>", "after>", "what it is for");
      for (Pipelines.Effect effect : effects) {
        passTable.row(
            effect.pass(), effect.nodesBefore(), effect.nodesAfter(), effect.description());
      }
      passTable.print(out);
    }
  }

  private static String others(Model model) {
    return model.info().otherOpsets().isEmpty() ? "" : " " + model.info().otherOpsets();
  }

  private static String shorten(String name) {
    return name.length() <= 44 ? name : "…" + name.substring(name.length() - 43);
  }

  private static List<String> values(List<Value> values) {
    return values.stream().map(value -> value.name() + ": " + value.type()).toList();
  }

  private static long sumOfWeights(Graph graph, ToLongFunction<Tensor> size) {
    long own = graph.initializers().values().stream().mapToLong(size).sum();
    long below =
        graph.nodes().stream()
            .flatMap(node -> node.operator().subgraphs().stream())
            .mapToLong(subgraph -> sumOfWeights(subgraph, size))
            .sum();
    return own + below;
  }

  /**
   * Lists the nodes of a graph and of the graphs in it.
   *
   * @return their multiply-adds, as far as they are known: of branches those that have the most,
   *     and one round of each loop
   */
  private static long addLayers(
      Graph graph, Map<String, TensorType> types, int depth, List<Layer> layers) {
    long sum = 0;
    for (Node node : graph.nodes()) {
      Layer layer = layer(graph, node, types, depth);
      layers.add(layer);
      sum += layer.multiplyAdds() == null ? 0 : layer.multiplyAdds();
      long most = 0;
      for (Graph subgraph : node.operator().subgraphs()) {
        Map<String, TensorType> inside = typesInside(node, subgraph, types);
        most = Math.max(most, addLayers(subgraph, inside, depth + 1, layers));
      }
      sum += most;
    }
    return sum;
  }

  /** The types in a branch, from what it captures; in a loop's body, from what it declares. */
  private static Map<String, TensorType> typesInside(
      Node node, Graph subgraph, Map<String, TensorType> types) {
    try {
      if (!(node.operator() instanceof If)) {
        return TypeInference.infer(subgraph);
      }
      Map<String, TensorType> captured = new HashMap<>();
      for (int i = 0; i < subgraph.inputs().size(); i++) {
        TensorType type = types.get(node.input(i + 1));
        if (type != null) {
          captured.put(subgraph.inputs().get(i).name(), type);
        }
      }
      return TypeInference.infer(subgraph, captured, Map.of());
    } catch (ShapeMismatchException branchForOtherInputs) {
      return Map.of();
    }
  }

  private static Layer layer(Graph graph, Node node, Map<String, TensorType> types, int depth) {
    long parameters = 0;
    for (String input : node.inputs()) {
      Tensor constant = graph.initializers().get(input);
      parameters += constant == null ? 0 : constant.size();
    }
    TensorType output = types.get(node.outputs().getFirst());
    return new Layer(
        node.name(),
        depth,
        node.operator().spec().name(),
        output == null ? "?" : output.toString(),
        parameters,
        NodeCost.of(node, types).map(Cost::multiplyAdds).orElse(null));
  }

  private static @Nullable Long activationBytes(Model model, Map<String, TensorType> inputs) {
    Map<String, Shape> shapes = new HashMap<>();
    for (Map.Entry<String, TensorType> input : inputs.entrySet()) {
      if (!input.getValue().isStatic()) {
        return null;
      }
      shapes.put(input.getKey(), input.getValue().shape());
    }
    try (Session session = model.open(SessionOptions.defaults().withThreads(1))) {
      return session.binding(shapes).byteSize();
    }
  }

  private static List<Pipelines.Effect> effects(Model model) {
    try (Session session = model.open(SessionOptions.defaults().withThreads(1))) {
      return session.passEffects();
    }
  }
}
