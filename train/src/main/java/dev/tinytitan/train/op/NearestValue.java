package dev.tinytitan.train.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Each number replaced by the nearest value of a codebook, as {@link Codebook} finds it; NaN stays
 * NaN. Numbers and values are learned together. Internal.
 *
 * <p>Gradients pass straight through to the numbers (Bengio, Léonard and Courville 2013), which may
 * so move on to another value, as in LUT-Q (Cardinaux et al. 2019); that of a value is the sum over
 * the numbers that have it (Han et al. 2016, Deep Compression).
 *
 * <p>Inputs: {@code x}, of any shape; {@code relative}, the codebook by the scale, 1 to 256 numbers
 * in any order, which is learned; and {@code scale}, one number, constant. The values are {@code
 * relative * scale}: with a scale of the size of the numbers, a step of Adam moves values by a part
 * of that size. Outputs: the values, and which of the codebook each is (uint8), for the gradient.
 */
public record NearestValue() implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("NearestValue").inputs(3).outputs(2, 2).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    int values = context.input(1).shape().size();
    if (values < 1 || values > Codebook.MOST) {
      throw new ShapeMismatchException(
          "Node '"
              + context.nodeName()
              + "' (NearestValue): a codebook has 1 to "
              + Codebook.MOST
              + " values, not "
              + values
              + ".");
    }
    return List.of(x, TensorType.of(DType.UINT8, x.shape()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor relative = context.input(1);
    Tensor scale = context.input(2);
    int count = relative.size();
    float[] table = new float[Codebook.TABLE];
    int[] order = new int[count];
    Codebook.sort(relative.toFloatArray(), count, scale.getFloat(0), table, order);
    Tensor y = context.output(0, x.dtype(), x.shape());
    Tensor which = context.output(1, DType.UINT8, x.shape());
    for (int i = 0; i < x.size(); i++) {
      int index = order[Codebook.nearest(table, Codebook.half(count), x.getFloat(i))];
      double value = relative.getDouble(index) * scale.getDouble(0);
      y.setDouble(i, Double.isNaN(x.getDouble(i)) ? Double.NaN : value);
      which.setLong(i, index);
    }
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.gradient(0));
    if (context.wants(1)) {
      int count = context.shape(context.input(1)).size();
      Operator sums = new NearestValueGradient(count);
      context.give(1, context.add(sums, context.gradient(0), context.output(1), context.input(2)));
    }
  }
}
