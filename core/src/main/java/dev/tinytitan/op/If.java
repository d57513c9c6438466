package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One of two branches, as a bool scalar says. Inputs: the condition, then what the branches
 * capture, which is all that they take. ONNX: If-25.
 */
public record If(Graph thenBranch, Graph elseBranch, int captureCount) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("If", 25)
          .compatibleSince(1)
          .inputs(1, Integer.MAX_VALUE)
          .outputs(1, Integer.MAX_VALUE)
          .decoder(context ->
              new If(
                  Subgraphs.decode(context, "then_branch"),
                  Subgraphs.decode(context, "else_branch"),
                  context.captures().size()))
          .build();

  /** Checks that both branches take and give the same number of values. */
  public If {
    for (Graph branch : List.of(thenBranch, elseBranch)) {
      if (branch.inputs().size() != captureCount
          || branch.outputs().size() != thenBranch.outputs().size()) {
        throw new MalformedModelException(
            "The branches of an If should take nothing but what they capture, and give as many"
                + " values as each other.");
      }
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("else_branch", new Attribute.OfGraph(elseBranch))
        .put("then_branch", new Attribute.OfGraph(thenBranch))
        .build();
  }

  @Override
  public List<Graph> subgraphs() {
    return List.of(thenBranch, elseBranch);
  }

  @Override
  public If withSubgraphs(List<Graph> subgraphs, int captures) {
    return new If(subgraphs.get(0), subgraphs.get(1), captures);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    List<TensorType> captured = Subgraphs.inputTypes(context, 1, 1 + captureCount);
    Optional<Boolean> taken =
        context.constant(0).filter(t -> t.size() == 1).map(t -> t.getBoolean(0));
    if (taken.isPresent()) {
      return context.infer(taken.get() ? thenBranch : elseBranch, captured);
    }
    // A branch for another rank, say, that does not fit is one that is never taken.
    List<TensorType> fromThen;
    try {
      fromThen = context.infer(thenBranch, captured);
    } catch (ShapeMismatchException error) {
      return context.infer(elseBranch, captured);
    }
    List<TensorType> fromElse;
    try {
      fromElse = context.infer(elseBranch, captured);
    } catch (ShapeMismatchException error) {
      return fromThen;
    }
    List<TensorType> types = new ArrayList<>();
    for (int i = 0; i < fromThen.size(); i++) {
      types.add(Subgraphs.either(fromThen.get(i), fromElse.get(i)));
    }
    return types;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor condition = context.input(0);
    Indices.requireOne(condition, "cond");
    List<Tensor> results =
        context.run(
            condition.getBoolean(0) ? thenBranch : elseBranch,
            Subgraphs.inputs(context, 1, 1 + captureCount));
    for (int i = 0; i < results.size(); i++) {
      Subgraphs.copyOut(context, i, results.get(i));
    }
  }
}
