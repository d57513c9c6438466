package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762): {@code softmax(scale * Q Kᵀ
 * + mask) V} for every head. With fewer key and value heads than query heads, each serves a run of
 * query heads (grouped-query attention, Ainslie et al. 2023, arXiv:2305.13245). ONNX: Attention-24.
 *
 * <p>Inputs: Q, K, V, each {@code [batch, heads, sequence, size]} or {@code [batch, sequence, heads
 * * size]}; optionally a mask that broadcasts to {@code [batch, query heads, query sequence, total
 * sequence]}, bool (false hides) or added, whose last dimension may be shorter and hides the rest;
 * optionally past keys and values {@code [batch, heads, past sequence, size]}, put in front;
 * optionally int64 {@code [batch]}, the number of keys that are not padding.
 *
 * <p>Outputs: Y in the form of Q; the keys and the values with the past in front, in four
 * dimensions; the product Q Kᵀ at one of its stages.
 *
 * <p>The mask is added before the softcap, as in the function that defines Attention-23 and in the
 * backend suite. Later texts of the specification bound first, and so does ONNX Runtime 1.29.
 *
 * @param causal whether a query sees only keys up to its own place behind the past
 * @param scale of the products; NaN for {@code 1 / sqrt(size)}
 * @param softcap bounds products by {@code softcap * tanh(x / softcap)}; 0 for none
 * @param queryHeads heads of Q where it has three dimensions, else 0
 * @param keyHeads heads of K and V where they have three dimensions, else 0
 * @param productStage what output 3 holds: 0 the scaled products, 1 with the mask, 2 bounded, 3
 *     after softmax
 * @param softmaxPrecision the ONNX number of the dtype that softmax is computed in, kept for other
 *     tools (the reference computes in float64); 0 if not given
 */
public record Attention(
    boolean causal,
    float scale,
    float softcap,
    int queryHeads,
    int keyHeads,
    int productStage,
    int softmaxPrecision)
    implements Operator {
  private static final int Q = 0;
  private static final int K = 1;
  private static final int V = 2;
  private static final int MASK = 3;
  private static final int PAST_KEY = 4;
  private static final int PAST_VALUE = 5;
  private static final int KEY_COUNTS = 6;

  static final OpSpec SPEC =
      OpSpec.onnx("Attention", 24)
          .compatibleSince(23)
          .inputs(3, 7)
          .outputs(1, 4)
          .decoder(context ->
              new Attention(
                  context.attributes().getBoolean("is_causal", false),
                  context.attributes().getFloat("scale", Float.NaN),
                  context.attributes().getFloat("softcap", 0),
                  context.attributes().getInt("q_num_heads", 0),
                  context.attributes().getInt("kv_num_heads", 0),
                  context.attributes().getInt("qk_matmul_output_mode", 0),
                  context.attributes().getInt("softmax_precision", 0)))
          .build();

  public Attention {
    if (productStage < 0 || productStage > 3) {
      throw Shapes.badAttribute("qk_matmul_output_mode", productStage);
    }
    if (queryHeads < 0 || keyHeads < 0) {
      throw new MalformedModelException("A number of attention heads is negative.");
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(false, "is_causal", causal)
        .putUnless(0, "kv_num_heads", keyHeads)
        .putUnless(0, "q_num_heads", queryHeads)
        .putUnless(0, "qk_matmul_output_mode", productStage)
        .putUnless(Float.NaN, "scale", scale)
        .putUnless(0f, "softcap", softcap)
        .putUnless(0, "softmax_precision", softmaxPrecision)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(context.node().hasInput(KEY_COUNTS) ? 24 : 23);
  }

  /** A tensor seen as {@code [batch, heads, length, size]}, whichever of both forms it has. */
  private record Heads(Tensor tensor, int batch, int count, int length, int size) {
    static Heads of(String name, Tensor tensor, int heads) {
      Shape shape = tensor.shape();
      if (shape.rank() == 4) {
        return new Heads(tensor, shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3));
      }
      if (shape.rank() != 3 || heads < 1 || shape.dim(2) % heads != 0) {
        throw new ShapeMismatchException(
            name + " of shape " + shape + " does not divide into " + heads + " heads.");
      }
      return new Heads(tensor, shape.dim(0), heads, shape.dim(1), shape.dim(2) / heads);
    }

    /** Where the elements of one place of one head begin. */
    int index(int b, int head, int place) {
      return tensor.shape().rank() == 4
          ? ((b * count + head) * length + place) * size
          : ((b * length + place) * count + head) * size;
    }
  }

  @Override
  public void gradient(GradientContext context) {
    AttentionGradient.give(context, this);
  }

  @Override
  public void eval(EvalContext context) {
    Heads q = Heads.of("Q", context.input(Q), queryHeads);
    Heads k = withPast(context, K, PAST_KEY);
    Heads v = withPast(context, V, PAST_VALUE);
    if (q.size != k.size
        || k.length != v.length
        || k.count != v.count
        || k.count == 0
        || q.count % k.count != 0
        || q.batch != k.batch
        || q.batch != v.batch) {
      throw new ShapeMismatchException(
          "Q, K and V of shapes "
              + context.input(Q).shape()
              + ", "
              + context.input(K).shape()
              + " and "
              + context.input(V).shape()
              + " do not fit together.");
    }
    Shape weightShape = Shape.of(q.batch, q.count, q.length, k.length);
    int past = context.hasInput(PAST_KEY) ? context.input(PAST_KEY).shape().dim(2) : 0;
    double[] bias = bias(context, weightShape, past);
    double[] weights = new double[bias.length];
    double[] stage = new double[context.wantsOutput(3) ? bias.length : 0];
    weigh(q, k, bias, weights, stage);
    writeResult(context, q, v, weights);
    if (context.wantsOutput(1)) {
      context.setOutput(1, unpacked(k));
    }
    if (context.wantsOutput(2)) {
      context.setOutput(2, unpacked(v));
    }
    if (context.wantsOutput(3)) {
      Elements.store(stage, context.output(3, q.tensor.dtype(), weightShape));
    }
  }

  private Heads withPast(EvalContext context, int input, int pastInput) {
    Heads now = Heads.of(input == K ? "K" : "V", context.input(input), keyHeads);
    if (!context.hasInput(pastInput)) {
      return now;
    }
    Tensor past = context.input(pastInput);
    Shape expected = Shape.of(now.batch, now.count, past.shape().dim(2), now.size);
    if (!past.shape().equals(expected)) {
      throw new ShapeMismatchException(
          "The past of shape " + past.shape() + " does not fit " + expected + ".");
    }
    int before = past.shape().dim(2);
    Tensor all = Tensor.zeros(now.tensor.dtype(), expected.withDim(2, before + now.length));
    Heads whole = Heads.of("past", all, now.count);
    Heads old = Heads.of("past", past, now.count);
    for (int b = 0; b < now.batch; b++) {
      for (int head = 0; head < now.count; head++) {
        for (int place = 0; place < whole.length; place++) {
          Heads from = place < before ? old : now;
          int start = from.index(b, head, place < before ? place : place - before);
          copy(from.tensor, start, all, whole.index(b, head, place), now.size);
        }
      }
    }
    return whole;
  }

  private static void copy(Tensor from, int fromIndex, Tensor to, int toIndex, int count) {
    for (int i = 0; i < count; i++) {
      to.copyElement(toIndex + i, from, fromIndex + i);
    }
  }

  /** The keys or values in four dimensions, as a tensor of their own. */
  private static Tensor unpacked(Heads heads) {
    Tensor result =
        Tensor.zeros(
            heads.tensor.dtype(), Shape.of(heads.batch, heads.count, heads.length, heads.size));
    Heads target = Heads.of("present", result, heads.count);
    for (int b = 0; b < heads.batch; b++) {
      for (int head = 0; head < heads.count; head++) {
        for (int place = 0; place < heads.length; place++) {
          copy(
              heads.tensor,
              heads.index(b, head, place),
              result,
              target.index(b, head, place),
              heads.size);
        }
      }
    }
    return result;
  }

  /** What is added to the products: the mask, and negative infinity where a key is hidden. */
  private double[] bias(EvalContext context, Shape shape, int past) {
    double[] bias = new double[shape.size()];
    int keys = shape.dim(3);
    if (context.hasInput(MASK)) {
      addMask(context.input(MASK), shape, bias);
    }
    long[] counts = context.hasInput(KEY_COUNTS) ? context.input(KEY_COUNTS).toLongArray() : null;
    if (counts != null && counts.length != shape.dim(0)) {
      throw new ShapeMismatchException(
          counts.length + " numbers of keys are given for a batch of " + shape.dim(0) + ".");
    }
    int perBatch = shape.sizeBetween(1, 4);
    for (int i = 0; i < bias.length; i++) {
      int key = i % keys;
      boolean later = causal && key > i / keys % shape.dim(2) + past;
      if (later || (counts != null && key >= counts[i / perBatch])) {
        bias[i] = Double.NEGATIVE_INFINITY;
      }
    }
    return bias;
  }

  private static void addMask(Tensor mask, Shape shape, double[] bias) {
    int rank = mask.shape().rank();
    int width = rank == 0 ? 1 : mask.shape().dim(-1);
    int keys = shape.dim(3);
    if (rank < 1 || rank > 4 || width > keys) {
      throw new ShapeMismatchException(
          "A mask of shape " + mask.shape() + " does not fit " + shape + ".");
    }
    // One column is broadcast; otherwise a mask that is too short hides the keys it does not reach.
    int covered = width == 1 ? keys : width;
    Shape part = shape.withDim(3, covered);
    if (!Shapes.broadcast(mask.shape(), part).equals(part)) {
      throw new ShapeMismatchException(
          "A mask of shape " + mask.shape() + " does not broadcast to " + shape + ".");
    }
    Arrays.fill(bias, covered == keys ? 0 : Double.NEGATIVE_INFINITY);
    Broadcast walk = new Broadcast(part, mask.shape());
    boolean truth = mask.dtype() == DType.BOOL;
    for (int i = 0; i < part.size(); i++, walk.next()) {
      int at = walk.index(0);
      double value =
          truth ? mask.getBoolean(at) ? 0 : Double.NEGATIVE_INFINITY : mask.getDouble(at);
      bias[i / covered * keys + i % covered] = value;
    }
  }

  /** Fills in the weights of all keys for all queries, and the stage that is asked for. */
  private void weigh(Heads q, Heads k, double[] bias, double[] weights, double[] stage) {
    double factor = Float.isNaN(scale) ? 1 / Math.sqrt(q.size) : scale;
    double[] queries = q.tensor.toDoubleArray();
    double[] keys = k.tensor.toDoubleArray();
    int repeat = q.count / k.count;
    for (int row = 0; row < q.batch * q.count * q.length; row++) {
      int place = row % q.length;
      int head = row / q.length % q.count;
      int b = row / (q.length * q.count);
      int from = q.index(b, head, place);
      int start = row * k.length;
      double max = Double.NEGATIVE_INFINITY;
      for (int key = 0; key < k.length; key++) {
        int at = k.index(b, head / repeat, key);
        double product = 0;
        for (int i = 0; i < q.size; i++) {
          product += queries[from + i] * keys[at + i];
        }
        product *= factor;
        double masked = product + bias[start + key];
        double bounded = softcap == 0 ? masked : softcap * Math.tanh(masked / softcap);
        if (stage.length > 0) {
          stage[start + key] = productStage == 0 ? product : productStage == 1 ? masked : bounded;
        }
        weights[start + key] = bounded;
        max = Math.max(max, bounded);
      }
      double sum = 0;
      for (int i = start; i < start + k.length; i++) {
        weights[i] = Math.exp(weights[i] - max);
        sum += weights[i];
      }
      for (int i = start; i < start + k.length; i++) {
        weights[i] /= sum;
      }
    }
    if (productStage == 3) {
      System.arraycopy(weights, 0, stage, 0, stage.length);
    }
  }

  private static void writeResult(EvalContext context, Heads q, Heads v, double[] weights) {
    int repeat = q.count / v.count;
    boolean packed = q.tensor.shape().rank() == 3;
    Tensor y =
        context.output(
            0,
            q.tensor.dtype(),
            packed
                ? Shape.of(q.batch, q.length, q.count * v.size)
                : Shape.of(q.batch, q.count, q.length, v.size));
    Heads result = new Heads(y, q.batch, q.count, q.length, v.size);
    double[] values = v.tensor.toDoubleArray();
    double[] sums = new double[v.size];
    for (int row = 0; row < q.batch * q.count * q.length; row++) {
      int place = row % q.length;
      int head = row / q.length % q.count;
      int b = row / (q.length * q.count);
      Arrays.fill(sums, 0);
      for (int key = 0; key < v.length; key++) {
        double weight = weights[row * v.length + key];
        int at = v.index(b, head / repeat, key);
        for (int i = 0; i < v.size; i++) {
          sums[i] += weight * values[at + i];
        }
      }
      int to = result.index(b, head, place);
      for (int i = 0; i < v.size; i++) {
        y.setDouble(to + i, sums[i]);
      }
    }
  }

  /** The dimensions of an input in four-dimensional form. */
  private static List<Dim> dims(TensorType type, int heads) {
    if (!type.hasRank()) {
      return List.of(
          Dim.UNKNOWN, heads > 0 ? Dim.of(heads) : Dim.UNKNOWN, Dim.UNKNOWN, Dim.UNKNOWN);
    }
    if (type.rank() == 4) {
      return type.knownDims();
    }
    if (type.rank() != 3 || heads < 1) {
      throw new ShapeMismatchException(
          "An attention input " + type + " does not divide into " + heads + " heads.");
    }
    Dim hidden = type.dim(2);
    return List.of(
        type.dim(0),
        Dim.of(heads),
        type.dim(1),
        hidden.isFixed() ? Dim.of(hidden.size() / heads) : Dim.UNKNOWN);
  }

  private static Dim total(InferenceContext context, int pastInput, Dim now) {
    if (!context.hasInput(pastInput)) {
      return now;
    }
    TensorType past = context.input(pastInput);
    boolean known = past.hasRank() && past.rank() == 4 && past.dim(2).isFixed() && now.isFixed();
    return known ? Dim.of(Math.addExact(past.dim(2).size(), now.size())) : Dim.UNKNOWN;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType q = context.input(Q);
    List<Dim> qDims = dims(q, queryHeads);
    List<Dim> kDims = dims(context.input(K), keyHeads);
    List<Dim> vDims = dims(context.input(V), keyHeads);
    Dim keys = total(context, PAST_KEY, kDims.get(2));
    Dim values = total(context, PAST_VALUE, vDims.get(2));
    TensorType y;
    if (!q.hasRank()) {
      y = q;
    } else if (q.rank() == 4) {
      y = q.withDims(List.of(qDims.get(0), qDims.get(1), qDims.get(2), vDims.get(3)));
    } else {
      Dim size = vDims.get(3);
      Dim hidden =
          size.isFixed() ? Dim.of(Math.multiplyExact(size.size(), queryHeads)) : Dim.UNKNOWN;
      y = q.withDims(List.of(qDims.get(0), qDims.get(2), hidden));
    }
    List<TensorType> types = new ArrayList<>();
    types.add(y);
    types.add(context.input(K).withDims(List.of(kDims.get(0), kDims.get(1), keys, kDims.get(3))));
    types.add(context.input(V).withDims(List.of(vDims.get(0), vDims.get(1), values, vDims.get(3))));
    types.add(q.withDims(List.of(qDims.get(0), qDims.get(1), qDims.get(2), keys)));
    return types;
  }

  /** Multiply-adds of both products. */
  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    TensorType q = inputs.get(Q);
    TensorType k = inputs.get(K);
    long bytes = Operator.bytesMoved(inputs, outputs);
    TensorType past = inputs.size() > PAST_KEY ? inputs.get(PAST_KEY) : null;
    boolean known = q != null && q.isStatic() && k != null && k.isStatic();
    if (!known || !outputs.get(0).isStatic() || (past != null && !past.isStatic())) {
      return new Cost(0, bytes);
    }
    long keys =
        (long) (k.rank() == 4 ? k.shape().dim(2) : k.shape().dim(1))
            + (past == null ? 0 : past.shape().dim(2));
    return new Cost(keys * (q.shape().size() + (long) outputs.get(0).shape().size()), bytes);
  }
}
