package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The negative log-probability of the right class. Inputs: log-probabilities {@code [N, C, ...]},
 * classes {@code [N, ...]}, optional weights by class {@code [C]}. ONNX:
 * NegativeLogLikelihoodLoss-22.
 *
 * @param reduction what becomes of the single losses
 * @param ignoreIndex a class whose samples count nothing; null if none
 */
public record NegativeLogLikelihoodLoss(LossReduction reduction, @Nullable Long ignoreIndex)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("NegativeLogLikelihoodLoss", 22)
          .compatibleSince(12)
          .inputs(2, 3)
          .decoder(context -> of(context.attributes()))
          .build();

  /** The operator with the attributes of this or the cross-entropy loss. */
  static NegativeLogLikelihoodLoss of(Attributes attributes) {
    return new NegativeLogLikelihoodLoss(
        LossReduction.of(attributes),
        attributes.has("ignore_index") ? (Long) attributes.getLong("ignore_index") : null);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder().putUnless(LossReduction.MEAN.text(), "reduction", reduction.text());
    return (ignoreIndex == null ? attributes : attributes.put("ignore_index", (long) ignoreIndex))
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(ignoreIndex != null && ignoreIndex < 0 ? 13 : 12);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (reduction != LossReduction.NONE) {
      return List.of(input.withDims(List.of()));
    }
    if (!input.hasRank()) {
      return List.of(context.input(1).withDType(input.dtype()));
    }
    List<Dim> dims = new ArrayList<>(input.knownDims());
    dims.remove(1);
    return List.of(input.withDims(dims));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor target = context.input(1);
    int classes = x.shape().dim(1);
    int inner = x.shape().sizeBetween(2, x.shape().rank());
    if (target.size() != x.shape().dim(0) * inner) {
      throw new ShapeMismatchException(
          "Classes of shape "
              + target.shape()
              + " do not fit log-probabilities of shape "
              + x.shape()
              + ".");
    }
    Tensor losses = Tensor.zeros(x.dtype(), target.shape());
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < target.size(); i++) {
      long label = target.getLong(i);
      if (ignoreIndex != null && label == ignoreIndex) {
        continue;
      }
      if (label < 0 || label >= classes) {
        throw new ShapeMismatchException("Class " + label + " is not in 0.." + (classes - 1) + ".");
      }
      double weight = context.hasInput(2) ? context.input(2).getDouble((int) label) : 1;
      double loss = -weight * x.getDouble((i / inner * classes + (int) label) * inner + i % inner);
      losses.setDouble(i, loss);
      sum += loss;
      weights += weight;
    }
    if (reduction == LossReduction.NONE) {
      context.setOutput(0, losses);
    } else {
      context
          .output(0, x.dtype(), Shape.scalar())
          .setDouble(0, reduction == LossReduction.MEAN ? sum / weights : sum);
    }
  }
}
