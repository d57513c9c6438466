package dev.tinytitan.onnx;

import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.ModelProto;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a graph into the messages of a file, at the opset that the model has or the oldest newer
 * one that its operators can be written in. For one model; not thread-safe.
 */
final class ModelExport {
  /** Version of the file format that came with each opset, from {@link OpSpec#OLDEST_OPSET} on. */
  private static final List<Integer> IR_OF_OPSET =
      List.of(3, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13);

  private final int opset;
  private final Names valueNames = new Names();
  private final List<String> internal = new ArrayList<>();
  // By operator, in the order in which they stand.
  private final Map<String, String> reasons = new LinkedHashMap<>();
  private int requiredOpset;
  private int requiredIr;

  private ModelExport(int opset) {
    this.opset = opset;
    this.requiredOpset = opset;
  }

  /**
   * A graph's messages.
   *
   * @param model what to write
   * @param reasons why its opset is newer than the one asked for
   */
  record Result(ModelProto model, List<String> reasons) {}

  /**
   * The messages for a graph.
   *
   * @throws UnsupportedModelException if the opset is newer than all that are known, or the graph
   *     has operators that never stand in files
   */
  static Result export(Graph graph, ModelInfo info) {
    if (info.opset() > OpSpec.NEWEST_OPSET) {
      throw new UnsupportedModelException(
          "Models are written in opset "
              + OpSpec.OLDEST_OPSET
              + " to "
              + OpSpec.NEWEST_OPSET
              + ", not "
              + info.opset()
              + ".",
          List.of());
    }
    Map<String, String> reasons = new LinkedHashMap<>();
    int opset = Math.max(info.opset(), OpSpec.OLDEST_OPSET);
    if (opset != info.opset()) {
      reasons.put("", "opset " + opset + " is the oldest that is written");
    }
    while (true) {
      ModelExport run = new ModelExport(opset);
      run.takeNames(graph);
      GraphProto proto = new GraphExport(run, graph, null, Map.of()).export();
      if (!run.internal.isEmpty()) {
        throw new UnsupportedModelException(
            "The graph holds operators that are made for running and never written; save the graph"
                + " from before it was optimized.",
            run.internal);
      }
      run.reasons.forEach(reasons::putIfAbsent);
      if (run.requiredOpset == opset) {
        return new Result(run.model(proto, info), List.copyOf(reasons.values()));
      }
      opset = run.requiredOpset;
    }
  }

  private ModelProto model(GraphProto graph, ModelInfo info) {
    Map<String, Integer> opsets = new LinkedHashMap<>();
    opsets.put("", opset);
    opsets.putAll(info.otherOpsets());
    int ir = requiredIr;
    if (opset != info.opset()) {
      ir = Math.max(ir, IR_OF_OPSET.get(opset - OpSpec.OLDEST_OPSET));
    }
    return new ModelProto(
        Math.max(info.irVersion(), ir),
        opsets,
        info.producerName(),
        info.producerVersion(),
        info.domain(),
        info.modelVersion(),
        info.doc(),
        info.properties(),
        graph,
        List.of());
  }

  private void takeNames(Graph graph) {
    graph.inputs().forEach(value -> valueNames.take(value.name()));
    graph.initializers().keySet().forEach(valueNames::take);
    for (Node node : graph.nodes()) {
      node.outputs().forEach(valueNames::take);
      node.operator().subgraphs().forEach(this::takeNames);
    }
  }

  /** The opset to write in. */
  int opset() {
    return opset;
  }

  /** Names of values, of all graphs of the model. */
  Names valueNames() {
    return valueNames;
  }

  /** Notes that the file has a tensor of this dtype, which older versions of the format lack. */
  void uses(DType dtype) {
    // Constants that are no inputs came with version 4.
    int ir =
        switch (dtype) {
          case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ -> 9;
          case INT4, UINT4 -> 10;
          case FLOAT4E2M1 -> 11;
          case FLOAT8E8M0 -> 12;
          case INT2, UINT2 -> 13;
          default -> 4;
        };
    requiredIr = Math.max(requiredIr, ir);
  }

  /** Notes a node that never stands in a file. */
  void internal(Node node) {
    internal.add("node '" + node.name() + "': " + node.operator().spec().name());
  }

  /** Notes the oldest opset that a node can be written in. */
  void requires(Node node, int other) {
    if (other > opset) {
      requiredOpset = Math.max(requiredOpset, Math.min(other, OpSpec.NEWEST_OPSET));
      String operator = node.operator().spec().name();
      reasons.putIfAbsent(
          operator, operator + " (node '" + node.name() + "') needs opset " + other);
    }
  }
}
