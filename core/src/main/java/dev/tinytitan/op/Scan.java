package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A body run once for each slice of its scan inputs. Inputs: initial states, scan inputs, what the
 * body captures. The body takes states, slices and captures; it gives the next states and values to
 * stack. Outputs: the last states, then the stacks. ONNX: Scan-25; the batched form of opset 8
 * becomes a scan over the batch with a scan inside.
 *
 * <p>Lists of axes and directions hold a number for each scan input or stack; empty means 0
 * everywhere.
 *
 * @param scanInputCount the number of scan inputs, at least 1
 * @param inputAxes the axes that scan inputs are sliced along; negative counts from the end
 * @param inputDirections 0 from the first slice on, 1 from the last
 * @param outputAxes the axes of the outputs that stacks lie along; negative counts from the end
 * @param outputDirections 0 to put the first iteration first, 1 to put it last
 */
public record Scan(
    Graph body,
    int captureCount,
    int scanInputCount,
    List<Integer> inputAxes,
    List<Integer> inputDirections,
    List<Integer> outputAxes,
    List<Integer> outputDirections)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Scan", 25)
          .compatibleSince(9)
          .inputs(1, Integer.MAX_VALUE)
          .outputs(1, Integer.MAX_VALUE)
          .decoder(Scan::decode)
          .build();

  /** Checks that body and lists fit each other. */
  public Scan {
    if (scanInputCount < 1) {
      throw new MalformedModelException("A Scan has " + scanInputCount + " scan inputs.");
    }
    Subgraphs.requireSize(
        body, scanInputCount + captureCount, body.inputs().size() - scanInputCount - captureCount);
    int stacks = body.outputs().size() - (body.inputs().size() - scanInputCount - captureCount);
    inputAxes = canonical("scan_input_axes", inputAxes, scanInputCount);
    inputDirections = canonical("scan_input_directions", inputDirections, scanInputCount);
    outputAxes = canonical("scan_output_axes", outputAxes, stacks);
    outputDirections = canonical("scan_output_directions", outputDirections, stacks);
  }

  private static List<Integer> canonical(String name, List<Integer> values, int count) {
    if (!values.isEmpty() && values.size() != count) {
      throw new MalformedModelException(
          "Attribute '"
              + name
              + "' of a Scan has "
              + values.size()
              + " numbers instead of "
              + count
              + ".");
    }
    return values.stream().allMatch(value -> value == 0) ? List.of() : List.copyOf(values);
  }

  private static Scan decode(ImportContext context) {
    Graph body = Subgraphs.decode(context, "body");
    int captures = context.captures().size();
    int scanInputs = context.attributes().getInt("num_scan_inputs");
    if (context.opset() < 9) {
      return decodeBatched(context, body, captures, scanInputs);
    }
    return new Scan(
        body,
        captures,
        scanInputs,
        ints(context, "scan_input_axes"),
        ints(context, "scan_input_directions"),
        ints(context, "scan_output_axes"),
        ints(context, "scan_output_directions"));
  }

  private static List<Integer> ints(ImportContext context, String name) {
    return Arrays.stream(context.attributes().getInts(name).orElse(new int[0])).boxed().toList();
  }

  /**
   * Scan-8: an optional vector of sequence lengths, then states and scan inputs with a batch axis.
   */
  private static Scan decodeBatched(
      ImportContext context, Graph body, int captures, int scanInputs) {
    if (context.hasInput(0)) {
      throw context.unsupported("Scan-8 with sequence lengths");
    }
    Scan inner =
        new Scan(
            body,
            captures,
            scanInputs,
            List.of(),
            ints(context, "directions"),
            List.of(),
            List.of());
    int sliced = body.inputs().size() - captures;
    Graph.Builder batch = Graph.builder(body.name() + "/batch");
    List<String> innerInputs = new ArrayList<>();
    List<String> outerInputs = new ArrayList<>();
    for (int i = 0; i < body.inputs().size(); i++) {
      Value input = body.inputs().get(i);
      boolean isCapture = i >= sliced;
      String name = isCapture ? input.name() : context.newValue("slice");
      batch.input(Value.of(name, isCapture ? input.type() : null));
      innerInputs.add(name);
      outerInputs.add(isCapture ? input.name() : context.input(1 + i));
    }
    List<String> innerOutputs = new ArrayList<>();
    for (int i = 0; i < body.outputs().size(); i++) {
      String name = context.newValue("result");
      batch.output(name, null);
      innerOutputs.add(name);
    }
    batch.node(Node.of("scan", inner, innerInputs, innerOutputs));
    context.setInputs(outerInputs);
    return new Scan(batch.build(), captures, sliced, List.of(), List.of(), List.of(), List.of());
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder()
            .put("body", new Attribute.OfGraph(body))
            .put("num_scan_inputs", scanInputCount);
    put(attributes, "scan_input_axes", inputAxes);
    put(attributes, "scan_input_directions", inputDirections);
    put(attributes, "scan_output_axes", outputAxes);
    put(attributes, "scan_output_directions", outputDirections);
    return attributes.build();
  }

  private static void put(Attributes.Builder attributes, String name, List<Integer> values) {
    if (!values.isEmpty()) {
      attributes.put(name, values);
    }
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    boolean negative =
        inputAxes.stream().anyMatch(axis -> axis < 0)
            || outputAxes.stream().anyMatch(axis -> axis < 0);
    context.requireOpset(negative ? 11 : 9);
  }

  @Override
  public List<Graph> subgraphs() {
    return List.of(body);
  }

  @Override
  public Scan withSubgraphs(List<Graph> subgraphs, int captures) {
    return new Scan(
        subgraphs.get(0),
        captures,
        scanInputCount,
        inputAxes,
        inputDirections,
        outputAxes,
        outputDirections);
  }

  private int stateCount() {
    return body.inputs().size() - scanInputCount - captureCount;
  }

  private static int at(List<Integer> values, int index) {
    return values.isEmpty() ? 0 : values.get(index);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    int states = stateCount();
    Dim length = Dim.UNKNOWN;
    List<TensorType> after = new ArrayList<>();
    for (int i = 0; i < scanInputCount; i++) {
      TensorType input = context.input(states + i);
      if (!input.hasRank()) {
        after.add(input);
        continue;
      }
      int axis = Shapes.axis(at(inputAxes, i), input.rank());
      length = Dims.same(length, input.dim(axis));
      List<Dim> dims = new ArrayList<>(input.knownDims());
      dims.remove(axis);
      after.add(input.withDims(dims));
    }
    int captures = states + scanInputCount;
    after.addAll(Subgraphs.inputTypes(context, captures, captures + captureCount));
    List<TensorType> types = new ArrayList<>();
    List<TensorType> outputs =
        Subgraphs.settle(
            context, body, List.of(), Subgraphs.inputTypes(context, 0, states), after, types);
    for (int i = states; i < outputs.size(); i++) {
      types.add(Subgraphs.inserted(outputs.get(i), at(outputAxes, i - states), length));
    }
    return types;
  }

  @Override
  public void eval(EvalContext context) {
    int stateCount = stateCount();
    int stacked = stateCount + scanInputCount;
    List<Tensor> states = Subgraphs.inputs(context, 0, stateCount);
    List<Tensor> scanned = Subgraphs.inputs(context, stateCount, stacked);
    List<Tensor> captures = Subgraphs.inputs(context, stacked, stacked + captureCount);
    int length = length(scanned);
    List<List<Tensor>> stacks = new ArrayList<>();
    for (int i = stateCount; i < body.outputs().size(); i++) {
      stacks.add(new ArrayList<>());
    }
    for (int i = 0; i < length; i++) {
      List<Tensor> results = context.run(body, arguments(states, scanned, i, captures));
      states = results.subList(0, stateCount);
      for (int j = 0; j < stacks.size(); j++) {
        stacks.get(j).add(results.get(stateCount + j));
      }
    }
    for (int i = 0; i < stateCount; i++) {
      Subgraphs.copyOut(context, i, states.get(i));
    }
    List<Tensor> last = states;
    for (int i = 0; i < stacks.size(); i++) {
      int output = stateCount + i;
      Subgraphs.stack(
          context,
          output,
          stacks.get(i),
          at(outputAxes, i),
          at(outputDirections, i) != 0,
          () -> Subgraphs.outputType(body, arguments(last, scanned, -1, captures), output));
    }
  }

  private int length(List<Tensor> scanned) {
    int length = -1;
    for (int i = 0; i < scanned.size(); i++) {
      Shape shape = scanned.get(i).shape();
      int own = shape.dim(Shapes.axis(at(inputAxes, i), shape.rank()));
      if (length >= 0 && own != length) {
        throw new ShapeMismatchException(
            "Scan inputs have " + length + " and " + own + " slices; they should have as many.");
      }
      length = own;
    }
    return length;
  }

  /** The body's inputs for one iteration; zeros for slices if it is negative. */
  private List<Tensor> arguments(
      List<Tensor> states, List<Tensor> scanned, int iteration, List<Tensor> captures) {
    List<Tensor> arguments = new ArrayList<>(states);
    for (int i = 0; i < scanned.size(); i++) {
      Tensor x = scanned.get(i);
      int axis = Shapes.axis(at(inputAxes, i), x.shape().rank());
      Tensor slice =
          Tensor.zeros(x.dtype(), Shape.of(Subgraphs.without(x.shape().toArray(), axis)));
      if (iteration >= 0) {
        int place = at(inputDirections, i) == 0 ? iteration : x.shape().dim(axis) - 1 - iteration;
        int[] strides = x.shape().strides();
        StridedCopy.fill(slice, x, place * strides[axis], Subgraphs.without(strides, axis));
      }
      arguments.add(slice);
    }
    arguments.addAll(captures);
    return arguments;
  }
}
