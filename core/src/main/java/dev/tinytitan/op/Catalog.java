package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All operators, one line each. Importer, exporter, tests and the documentation's operator table
 * read it.
 */
public final class Catalog {
  /** Element by element: arithmetic, comparison, logic, activation, casting, quantization. */
  private static final List<OpSpec> ELEMENTWISE =
      List.of(
          Abs.SPEC,
          Acos.SPEC,
          Acosh.SPEC,
          Add.SPEC,
          And.SPEC,
          Asin.SPEC,
          Asinh.SPEC,
          Atan.SPEC,
          Atanh.SPEC,
          Bernoulli.SPEC,
          BitShift.SPEC,
          BitwiseAnd.SPEC,
          BitwiseNot.SPEC,
          BitwiseOr.SPEC,
          BitwiseXor.SPEC,
          Cast.SPEC,
          CastLike.SPEC,
          Ceil.SPEC,
          Celu.SPEC,
          Clip.SPEC,
          Cos.SPEC,
          Cosh.SPEC,
          DequantizeLinear.SPEC,
          Div.SPEC,
          Dropout.SPEC,
          DynamicQuantizeLinear.SPEC,
          Elu.SPEC,
          Equal.SPEC,
          Erf.SPEC,
          Exp.SPEC,
          EyeLike.SPEC,
          Floor.SPEC,
          Gelu.SPEC,
          Greater.SPEC,
          GreaterOrEqual.SPEC,
          HardSigmoid.SPEC,
          HardSwish.SPEC,
          IsInf.SPEC,
          IsNaN.SPEC,
          LeakyRelu.SPEC,
          Less.SPEC,
          LessOrEqual.SPEC,
          Log.SPEC,
          Max.SPEC,
          Mean.SPEC,
          Min.SPEC,
          Mish.SPEC,
          Mod.SPEC,
          Mul.SPEC,
          Multinomial.SPEC,
          Neg.SPEC,
          Not.SPEC,
          Or.SPEC,
          PRelu.SPEC,
          Pow.SPEC,
          QuantizeLinear.SPEC,
          RandomNormal.SPEC,
          RandomNormalLike.SPEC,
          RandomUniform.SPEC,
          RandomUniformLike.SPEC,
          Reciprocal.SPEC,
          Relu.SPEC,
          Round.SPEC,
          Selu.SPEC,
          Shrink.SPEC,
          Sigmoid.SPEC,
          Sign.SPEC,
          Sin.SPEC,
          Sinh.SPEC,
          Softplus.SPEC,
          Softsign.SPEC,
          Sqrt.SPEC,
          Sub.SPEC,
          Sum.SPEC,
          Swish.SPEC,
          Tan.SPEC,
          Tanh.SPEC,
          ThresholdedRelu.SPEC,
          Where.SPEC,
          Xor.SPEC);

  /** Over axes: reductions, softmax, cumulative sums, sorting, normalization. */
  private static final List<OpSpec> ALONG_AXES =
      List.of(
          ArgMax.SPEC,
          ArgMin.SPEC,
          BatchNormalization.SPEC,
          BlackmanWindow.SPEC,
          CumSum.SPEC,
          Det.SPEC,
          Einsum.SPEC,
          GroupNormalization.SPEC,
          HammingWindow.SPEC,
          HannWindow.SPEC,
          Hardmax.SPEC,
          InstanceNormalization.SPEC,
          LRN.SPEC,
          LayerNormalization.SPEC,
          LogSoftmax.SPEC,
          LpNormalization.SPEC,
          MeanVarianceNormalization.SPEC,
          NegativeLogLikelihoodLoss.SPEC,
          RMSNormalization.SPEC,
          ReduceL1.SPEC,
          ReduceL2.SPEC,
          ReduceLogSum.SPEC,
          ReduceLogSumExp.SPEC,
          ReduceMax.SPEC,
          ReduceMean.SPEC,
          ReduceMin.SPEC,
          ReduceProd.SPEC,
          ReduceSum.SPEC,
          ReduceSumSquare.SPEC,
          Softmax.SPEC,
          SoftmaxCrossEntropyLoss.SPEC,
          TopK.SPEC,
          Unique.SPEC);

  /** Elements moved, not changed: shapes, slices, gathers, pads, resizing, control flow. */
  private static final List<OpSpec> MOVING =
      List.of(
          AffineGrid.SPEC, //
          CenterCropPad.SPEC,
          Col2Im.SPEC,
          Compress.SPEC,
          Concat.SPEC,
          ConstantOfShape.SPEC,
          DepthToSpace.SPEC,
          Expand.SPEC,
          Flatten.SPEC,
          Gather.SPEC,
          GatherElements.SPEC,
          GatherND.SPEC,
          GridSample.SPEC,
          Identity.SPEC,
          If.SPEC,
          Loop.SPEC,
          MaxRoiPool.SPEC,
          MaxUnpool.SPEC,
          NonMaxSuppression.SPEC,
          NonZero.SPEC,
          OneHot.SPEC,
          Pad.SPEC,
          Range.SPEC,
          Reshape.SPEC,
          Resize.SPEC,
          ReverseSequence.SPEC,
          RoiAlign.SPEC,
          Scan.SPEC,
          Scatter.SPEC,
          ScatterElements.SPEC,
          ScatterND.SPEC,
          ShapeOf.SPEC,
          Size.SPEC,
          Slice.SPEC,
          SpaceToDepth.SPEC,
          Split.SPEC,
          Squeeze.SPEC,
          TensorScatter.SPEC,
          TfIdfVectorizer.SPEC,
          Tile.SPEC,
          Transpose.SPEC,
          Trilu.SPEC,
          Unsqueeze.SPEC,
          Upsample.SPEC);

  /** Linear algebra and signals: products, convolutions, pooling, recurrent, attention, Fourier. */
  private static final List<OpSpec> LINEAR =
      List.of(
          Attention.SPEC, //
          AveragePool.SPEC,
          Conv.SPEC,
          ConvInteger.SPEC,
          ConvTranspose.SPEC,
          DeformConv.SPEC,
          DFT.SPEC,
          Gemm.SPEC,
          GlobalAveragePool.SPEC,
          GlobalLpPool.SPEC,
          GlobalMaxPool.SPEC,
          GRU.SPEC,
          LpPool.SPEC,
          LSTM.SPEC,
          MatMul.SPEC,
          MatMulInteger.SPEC,
          MaxPool.SPEC,
          MelWeightMatrix.SPEC,
          QLinearConv.SPEC,
          QLinearMatMul.SPEC,
          RNN.SPEC,
          RotaryEmbedding.SPEC,
          STFT.SPEC);

  /** Made by passes, never in files: fused and integer operators. */
  private static final List<OpSpec> INTERNAL =
      List.of(
          DynamicQuantizedMatMul.SPEC,
          FusedAttention.SPEC,
          FusedConv.SPEC,
          FusedMatMul.SPEC,
          IntegerAdd.SPEC,
          IntegerAveragePool.SPEC,
          IntegerConv.SPEC,
          IntegerGlobalAveragePool.SPEC,
          IntegerLookup.SPEC,
          IntegerMatMul.SPEC,
          IntegerMul.SPEC,
          MovementGradient.SPEC,
          UnaryGradient.SPEC);

  private static final Map<String, OpSpec> BY_NAME = index();

  private Catalog() {}

  private static Map<String, OpSpec> index() {
    Map<String, OpSpec> map = new LinkedHashMap<>();
    for (List<OpSpec> family : List.of(ELEMENTWISE, ALONG_AXES, MOVING, LINEAR, INTERNAL)) {
      for (OpSpec spec : family) {
        if (map.put(key(spec.domain(), spec.name()), spec) != null) {
          throw new IllegalStateException("operator " + spec + " stands twice in the catalog");
        }
      }
    }
    return map;
  }

  private static String key(String domain, String name) {
    return (domain.equals("ai.onnx") ? "" : domain) + ":" + name;
  }

  /**
   * The operator of this name.
   *
   * @param domain {@code ""} or {@code "ai.onnx"} for ONNX's own
   */
  public static Optional<OpSpec> find(String domain, String name) {
    return Optional.ofNullable(BY_NAME.get(key(domain, name)));
  }

  /** All operators, internal ones included. */
  public static Collection<OpSpec> all() {
    return Collections.unmodifiableCollection(BY_NAME.values());
  }
}
