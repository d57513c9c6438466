package dev.tinytitan.op;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A body run again and again, as often as a trip count and a condition let it. Inputs: the most
 * iterations (int64 scalar; optional), whether to start (bool scalar; optional), the carried
 * values, what the body captures. The body takes the iteration's number, the condition, the carried
 * values and the captures; it gives whether to go on, the carried values, whose shapes may change,
 * and values to stack. Outputs: the carried values, then the stacks along a new first axis. ONNX:
 * Loop-25.
 */
public record Loop(Graph body, int captureCount) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Loop", 25)
          .compatibleSince(1)
          .inputs(2, Integer.MAX_VALUE)
          .outputs(1, Integer.MAX_VALUE)
          .decoder(
              context -> new Loop(Subgraphs.decode(context, "body"), context.captures().size()))
          .build();

  /** Checks that the body gives a condition and all carried values. */
  public Loop {
    Subgraphs.requireSize(body, 2 + captureCount, body.inputs().size() - 1 - captureCount);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().put("body", new Attribute.OfGraph(body)).build();
  }

  @Override
  public List<Graph> subgraphs() {
    return List.of(body);
  }

  @Override
  public Loop withSubgraphs(List<Graph> subgraphs, int captures) {
    return new Loop(subgraphs.get(0), captures);
  }

  private int carriedCount() {
    return body.inputs().size() - 2 - captureCount;
  }

  /** The shape that the body expects of a scalar: some files declare one dimension. */
  private Shape scalarShape(int input) {
    return body.inputs().get(input).type() instanceof TensorType type
            && type.hasRank()
            && type.rank() == 1
        ? Shape.of(1)
        : Shape.scalar();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    int carried = carriedCount();
    List<TensorType> start = new ArrayList<>();
    start.add(context.hasInput(1) ? context.input(1) : TensorType.of(DType.BOOL, scalarShape(1)));
    start.addAll(Subgraphs.inputTypes(context, 2, 2 + carried));
    List<TensorType> settled = new ArrayList<>();
    List<TensorType> outputs =
        Subgraphs.settle(
            context,
            body,
            List.of(TensorType.of(DType.INT64, scalarShape(0))),
            start,
            Subgraphs.inputTypes(context, 2 + carried, 2 + carried + captureCount),
            settled);
    List<TensorType> types = new ArrayList<>(settled.subList(1, settled.size()));
    Dim trips = tripCount(context);
    for (TensorType type : outputs.subList(1 + carried, outputs.size())) {
      types.add(Subgraphs.inserted(type, 0, trips));
    }
    return types;
  }

  /** The number of iterations, where a constant alone decides it. */
  private Dim tripCount(InferenceContext context) {
    Optional<Tensor> trips = context.constant(0).filter(tensor -> tensor.size() == 1);
    boolean starts =
        !context.hasInput(1)
            || context
                .constant(1)
                .map(tensor -> tensor.size() == 1 && tensor.getBoolean(0))
                .orElse(false);
    return trips.isPresent() && starts && goesOn()
        ? Dims.of(Math.max(0, trips.get().getLong(0)))
        : Dim.UNKNOWN;
  }

  /** True if the body gives its condition on as it is, or a constant true. */
  private boolean goesOn() {
    String value = body.outputs().get(0).name();
    Optional<Node> producer = body.producer(value);
    while (producer.isPresent() && producer.get().operator() instanceof Identity) {
      value = producer.get().input(0);
      producer = body.producer(value);
    }
    return value.equals(body.inputs().get(1).name())
        || body.constant(value)
            .map(tensor -> tensor.size() == 1 && tensor.getBoolean(0))
            .orElse(false);
  }

  @Override
  public void eval(EvalContext context) {
    int carriedCount = carriedCount();
    long trips = context.hasInput(0) ? Indices.scalar(context.input(0), "M") : Long.MAX_VALUE;
    Tensor condition =
        context.hasInput(1)
            ? context.input(1)
            : Tensor.of(new boolean[] {true}).reshape(scalarShape(1));
    List<Tensor> carried = Subgraphs.inputs(context, 2, 2 + carriedCount);
    List<Tensor> captures =
        Subgraphs.inputs(context, 2 + carriedCount, 2 + carriedCount + captureCount);
    List<List<Tensor>> stacks = new ArrayList<>();
    for (int i = 1 + carriedCount; i < body.outputs().size(); i++) {
      stacks.add(new ArrayList<>());
    }
    Shape scalar = scalarShape(0);
    for (long i = 0; i < trips && isTrue(condition); i++) {
      List<Tensor> results =
          context.run(
              body,
              arguments(Tensor.of(new long[] {i}).reshape(scalar), condition, carried, captures));
      condition = results.get(0);
      carried = results.subList(1, 1 + carriedCount);
      for (int j = 0; j < stacks.size(); j++) {
        stacks.get(j).add(results.get(1 + carriedCount + j));
      }
    }
    for (int i = 0; i < carriedCount; i++) {
      Subgraphs.copyOut(context, i, carried.get(i));
    }
    List<Tensor> last =
        arguments(Tensor.of(new long[1]).reshape(scalar), condition, carried, captures);
    for (int i = 0; i < stacks.size(); i++) {
      int output = 1 + carriedCount + i;
      Subgraphs.stack(
          context,
          carriedCount + i,
          stacks.get(i),
          0,
          false,
          () -> Subgraphs.outputType(body, last, output));
    }
  }

  private static boolean isTrue(Tensor condition) {
    Indices.requireOne(condition, "cond");
    return condition.getBoolean(0);
  }

  private static List<Tensor> arguments(
      Tensor iteration, Tensor condition, List<Tensor> carried, List<Tensor> captures) {
    List<Tensor> arguments = new ArrayList<>();
    arguments.add(iteration);
    arguments.add(condition);
    arguments.addAll(carried);
    arguments.addAll(captures);
    return arguments;
  }
}
