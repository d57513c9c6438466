package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * In training, each element is dropped to 0 with a probability (input 1, by default 0.5) and the
 * others are scaled up to keep the mean; else nothing changes. Training is on where input 2 is
 * true. The second output says which elements were kept. ONNX: Dropout-22; before opset 12 the
 * probability was an attribute.
 *
 * @param seed of the random numbers; null for different ones in each run
 */
public record Dropout(@Nullable Long seed) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Dropout", 22)
          .compatibleSince(7)
          .inputs(1, 3)
          .outputs(1, 2)
          .decoder(Dropout::decode)
          .build();

  private static Operator decode(ImportContext context) {
    if (context.opset() < 12) {
      context.attributeToInput("ratio", 1);
    }
    Attributes attributes = context.attributes();
    return new Dropout(attributes.has("seed") ? (Long) attributes.getLong("seed") : null);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return seed == null ? Attributes.none() : Attributes.builder().put("seed", (long) seed).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    if (seed != null || context.node().hasInput(2)) {
      context.requireOpset(12);
    } else {
      context.requireOpset(7);
      context.inputWasAttributeUntil(12, 1, "ratio", true);
    }
  }

  @Override
  public boolean isNondeterministic() {
    return seed == null;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0), context.input(0).withDType(DType.BOOL));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    double ratio = context.hasInput(1) ? context.input(1).getDouble(0) : 0.5;
    boolean training = context.hasInput(2) && context.input(2).getBoolean(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    Tensor mask = Tensor.zeros(DType.BOOL, x.shape());
    if (!training || ratio == 0) {
      y.copyFrom(x);
      for (int i = 0; i < x.size(); i++) {
        mask.setBoolean(i, true);
      }
    } else {
      RandomGenerator random =
          seed == null ? MersenneTwister.of(null) : new MersenneTwister((int) (long) seed);
      double scale = 1 / (1 - ratio);
      for (int i = 0; i < x.size(); i++) {
        boolean keep = random.nextDouble() >= ratio;
        mask.setBoolean(i, keep);
        y.setDouble(i, keep ? x.getDouble(i) * scale : 0);
      }
    }
    if (context.wantsOutput(1)) {
      context.setOutput(1, mask);
    }
  }
}
