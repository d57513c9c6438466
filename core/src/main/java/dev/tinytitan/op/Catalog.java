package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All operators, by name. Importer, exporter, tests and the documentation's operator table read it.
 *
 * <p>An operator's class is loaded when it is first asked for: a program that runs one small model
 * needs ten of them, and starts in half the time without the others.
 */
public final class Catalog {
  private static final List<String> ELEMENTWISE =
      List.of(
          "Abs",
          "Acos",
          "Acosh",
          "Add",
          "And",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "Bernoulli",
          "BitShift",
          "BitwiseAnd",
          "BitwiseNot",
          "BitwiseOr",
          "BitwiseXor",
          "Cast",
          "CastLike",
          "Ceil",
          "Celu",
          "Clip",
          "Cos",
          "Cosh",
          "DequantizeLinear",
          "Div",
          "Dropout",
          "DynamicQuantizeLinear",
          "Elu",
          "Equal",
          "Erf",
          "Exp",
          "EyeLike",
          "Floor",
          "Gelu",
          "Greater",
          "GreaterOrEqual",
          "HardSigmoid",
          "HardSwish",
          "IsInf",
          "IsNaN",
          "LeakyRelu",
          "Less",
          "LessOrEqual",
          "Log",
          "Max",
          "Mean",
          "Min",
          "Mish",
          "Mod",
          "Mul",
          "Multinomial",
          "Neg",
          "Not",
          "Or",
          "PRelu",
          "Pow",
          "QuantizeLinear",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Sub",
          "Sum",
          "Swish",
          "Tan",
          "Tanh",
          "ThresholdedRelu",
          "Where",
          "Xor");

  private static final List<String> ALONG_AXES =
      List.of(
          "ArgMax",
          "ArgMin",
          "BatchNormalization",
          "BlackmanWindow",
          "CumSum",
          "Det",
          "Einsum",
          "GroupNormalization",
          "HammingWindow",
          "HannWindow",
          "Hardmax",
          "InstanceNormalization",
          "LRN",
          "LayerNormalization",
          "LogSoftmax",
          "LpNormalization",
          "MeanVarianceNormalization",
          "NegativeLogLikelihoodLoss",
          "RMSNormalization",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare",
          "Softmax",
          "SoftmaxCrossEntropyLoss",
          "TopK",
          "Unique");

  private static final List<String> MOVING =
      List.of(
          "AffineGrid",
          "CenterCropPad",
          "Col2Im",
          "Compress",
          "Concat",
          "ConstantOfShape",
          "DepthToSpace",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "GridSample",
          "Identity",
          "If",
          "Loop",
          "MaxRoiPool",
          "MaxUnpool",
          "NonMaxSuppression",
          "NonZero",
          "OneHot",
          "Pad",
          "Range",
          "Reshape",
          "Resize",
          "ReverseSequence",
          "RoiAlign",
          "Scan",
          "Scatter",
          "ScatterElements",
          "ScatterND",
          "Shape",
          "Size",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "TensorScatter",
          "TfIdfVectorizer",
          "Tile",
          "Transpose",
          "Trilu",
          "Unsqueeze",
          "Upsample");

  private static final List<String> LINEAR =
      List.of(
          "Attention",
          "AveragePool",
          "Conv",
          "ConvInteger",
          "ConvTranspose",
          "DeformConv",
          "DFT",
          "Gemm",
          "GlobalAveragePool",
          "GlobalLpPool",
          "GlobalMaxPool",
          "GRU",
          "LpPool",
          "LSTM",
          "MatMul",
          "MatMulInteger",
          "MaxPool",
          "MelWeightMatrix",
          "QLinearConv",
          "QLinearMatMul",
          "RNN",
          "RotaryEmbedding",
          "STFT");

  private static final List<String> INTERNAL =
      List.of(
          "DequantizedMatMul",
          "FusedAttention",
          "FusedConv",
          "FusedMatMul",
          "IntegerAdd",
          "IntegerAveragePool",
          "IntegerConv",
          "IntegerGlobalAveragePool",
          "IntegerLookup",
          "IntegerMatMul",
          "IntegerMul",
          "MovementGradient",
          "QuantizedMatMul",
          "UnaryGradient");

  private Catalog() {}

  /**
   * The operator of this name.
   *
   * @param domain {@code ""} or {@code "ai.onnx"} for ONNX's own
   */
  public static Optional<OpSpec> find(String domain, String name) {
    OpSpec spec =
        switch (domain) {
          case "", "ai.onnx" -> onnx(name);
          case OpSpec.INTERNAL -> internal(name);
          default -> null;
        };
    return Optional.ofNullable(spec);
  }

  /** All operators, internal ones included. */
  public static Collection<OpSpec> all() {
    List<OpSpec> all = new ArrayList<>();
    for (List<String> family : List.of(ELEMENTWISE, ALONG_AXES, MOVING, LINEAR)) {
      family.forEach(name -> all.add(find("", name).orElseThrow()));
    }
    INTERNAL.forEach(name -> all.add(find(OpSpec.INTERNAL, name).orElseThrow()));
    return List.copyOf(all);
  }

  private static @Nullable OpSpec onnx(String name) {
    OpSpec spec = elementwise(name);
    spec = spec == null ? alongAxes(name) : spec;
    spec = spec == null ? moving(name) : spec;
    return spec == null ? linear(name) : spec;
  }

  /** Element by element: arithmetic, comparison, logic, activation, casting, quantization. */
  private static @Nullable OpSpec elementwise(String name) {
    return switch (name) {
      case "Abs" -> Abs.SPEC;
      case "Acos" -> Acos.SPEC;
      case "Acosh" -> Acosh.SPEC;
      case "Add" -> Add.SPEC;
      case "And" -> And.SPEC;
      case "Asin" -> Asin.SPEC;
      case "Asinh" -> Asinh.SPEC;
      case "Atan" -> Atan.SPEC;
      case "Atanh" -> Atanh.SPEC;
      case "Bernoulli" -> Bernoulli.SPEC;
      case "BitShift" -> BitShift.SPEC;
      case "BitwiseAnd" -> BitwiseAnd.SPEC;
      case "BitwiseNot" -> BitwiseNot.SPEC;
      case "BitwiseOr" -> BitwiseOr.SPEC;
      case "BitwiseXor" -> BitwiseXor.SPEC;
      case "Cast" -> Cast.SPEC;
      case "CastLike" -> CastLike.SPEC;
      case "Ceil" -> Ceil.SPEC;
      case "Celu" -> Celu.SPEC;
      case "Clip" -> Clip.SPEC;
      case "Cos" -> Cos.SPEC;
      case "Cosh" -> Cosh.SPEC;
      case "DequantizeLinear" -> DequantizeLinear.SPEC;
      case "Div" -> Div.SPEC;
      case "Dropout" -> Dropout.SPEC;
      case "DynamicQuantizeLinear" -> DynamicQuantizeLinear.SPEC;
      case "Elu" -> Elu.SPEC;
      case "Equal" -> Equal.SPEC;
      case "Erf" -> Erf.SPEC;
      case "Exp" -> Exp.SPEC;
      case "EyeLike" -> EyeLike.SPEC;
      case "Floor" -> Floor.SPEC;
      case "Gelu" -> Gelu.SPEC;
      case "Greater" -> Greater.SPEC;
      case "GreaterOrEqual" -> GreaterOrEqual.SPEC;
      case "HardSigmoid" -> HardSigmoid.SPEC;
      case "HardSwish" -> HardSwish.SPEC;
      case "IsInf" -> IsInf.SPEC;
      case "IsNaN" -> IsNaN.SPEC;
      case "LeakyRelu" -> LeakyRelu.SPEC;
      case "Less" -> Less.SPEC;
      case "LessOrEqual" -> LessOrEqual.SPEC;
      case "Log" -> Log.SPEC;
      case "Max" -> Max.SPEC;
      case "Mean" -> Mean.SPEC;
      case "Min" -> Min.SPEC;
      case "Mish" -> Mish.SPEC;
      case "Mod" -> Mod.SPEC;
      case "Mul" -> Mul.SPEC;
      case "Multinomial" -> Multinomial.SPEC;
      case "Neg" -> Neg.SPEC;
      case "Not" -> Not.SPEC;
      case "Or" -> Or.SPEC;
      case "PRelu" -> PRelu.SPEC;
      case "Pow" -> Pow.SPEC;
      case "QuantizeLinear" -> QuantizeLinear.SPEC;
      case "RandomNormal" -> RandomNormal.SPEC;
      case "RandomNormalLike" -> RandomNormalLike.SPEC;
      case "RandomUniform" -> RandomUniform.SPEC;
      case "RandomUniformLike" -> RandomUniformLike.SPEC;
      case "Reciprocal" -> Reciprocal.SPEC;
      case "Relu" -> Relu.SPEC;
      case "Round" -> Round.SPEC;
      case "Selu" -> Selu.SPEC;
      case "Shrink" -> Shrink.SPEC;
      case "Sigmoid" -> Sigmoid.SPEC;
      case "Sign" -> Sign.SPEC;
      case "Sin" -> Sin.SPEC;
      case "Sinh" -> Sinh.SPEC;
      case "Softplus" -> Softplus.SPEC;
      case "Softsign" -> Softsign.SPEC;
      case "Sqrt" -> Sqrt.SPEC;
      case "Sub" -> Sub.SPEC;
      case "Sum" -> Sum.SPEC;
      case "Swish" -> Swish.SPEC;
      case "Tan" -> Tan.SPEC;
      case "Tanh" -> Tanh.SPEC;
      case "ThresholdedRelu" -> ThresholdedRelu.SPEC;
      case "Where" -> Where.SPEC;
      case "Xor" -> Xor.SPEC;
      default -> null;
    };
  }

  /** Over axes: reductions, softmax, cumulative sums, sorting, normalization. */
  private static @Nullable OpSpec alongAxes(String name) {
    return switch (name) {
      case "ArgMax" -> ArgMax.SPEC;
      case "ArgMin" -> ArgMin.SPEC;
      case "BatchNormalization" -> BatchNormalization.SPEC;
      case "BlackmanWindow" -> BlackmanWindow.SPEC;
      case "CumSum" -> CumSum.SPEC;
      case "Det" -> Det.SPEC;
      case "Einsum" -> Einsum.SPEC;
      case "GroupNormalization" -> GroupNormalization.SPEC;
      case "HammingWindow" -> HammingWindow.SPEC;
      case "HannWindow" -> HannWindow.SPEC;
      case "Hardmax" -> Hardmax.SPEC;
      case "InstanceNormalization" -> InstanceNormalization.SPEC;
      case "LRN" -> LRN.SPEC;
      case "LayerNormalization" -> LayerNormalization.SPEC;
      case "LogSoftmax" -> LogSoftmax.SPEC;
      case "LpNormalization" -> LpNormalization.SPEC;
      case "MeanVarianceNormalization" -> MeanVarianceNormalization.SPEC;
      case "NegativeLogLikelihoodLoss" -> NegativeLogLikelihoodLoss.SPEC;
      case "RMSNormalization" -> RMSNormalization.SPEC;
      case "ReduceL1" -> ReduceL1.SPEC;
      case "ReduceL2" -> ReduceL2.SPEC;
      case "ReduceLogSum" -> ReduceLogSum.SPEC;
      case "ReduceLogSumExp" -> ReduceLogSumExp.SPEC;
      case "ReduceMax" -> ReduceMax.SPEC;
      case "ReduceMean" -> ReduceMean.SPEC;
      case "ReduceMin" -> ReduceMin.SPEC;
      case "ReduceProd" -> ReduceProd.SPEC;
      case "ReduceSum" -> ReduceSum.SPEC;
      case "ReduceSumSquare" -> ReduceSumSquare.SPEC;
      case "Softmax" -> Softmax.SPEC;
      case "SoftmaxCrossEntropyLoss" -> SoftmaxCrossEntropyLoss.SPEC;
      case "TopK" -> TopK.SPEC;
      case "Unique" -> Unique.SPEC;
      default -> null;
    };
  }

  /** Elements moved, not changed: shapes, slices, gathers, pads, resizing, control flow. */
  private static @Nullable OpSpec moving(String name) {
    return switch (name) {
      case "AffineGrid" -> AffineGrid.SPEC;
      case "CenterCropPad" -> CenterCropPad.SPEC;
      case "Col2Im" -> Col2Im.SPEC;
      case "Compress" -> Compress.SPEC;
      case "Concat" -> Concat.SPEC;
      case "ConstantOfShape" -> ConstantOfShape.SPEC;
      case "DepthToSpace" -> DepthToSpace.SPEC;
      case "Expand" -> Expand.SPEC;
      case "Flatten" -> Flatten.SPEC;
      case "Gather" -> Gather.SPEC;
      case "GatherElements" -> GatherElements.SPEC;
      case "GatherND" -> GatherND.SPEC;
      case "GridSample" -> GridSample.SPEC;
      case "Identity" -> Identity.SPEC;
      case "If" -> If.SPEC;
      case "Loop" -> Loop.SPEC;
      case "MaxRoiPool" -> MaxRoiPool.SPEC;
      case "MaxUnpool" -> MaxUnpool.SPEC;
      case "NonMaxSuppression" -> NonMaxSuppression.SPEC;
      case "NonZero" -> NonZero.SPEC;
      case "OneHot" -> OneHot.SPEC;
      case "Pad" -> Pad.SPEC;
      case "Range" -> Range.SPEC;
      case "Reshape" -> Reshape.SPEC;
      case "Resize" -> Resize.SPEC;
      case "ReverseSequence" -> ReverseSequence.SPEC;
      case "RoiAlign" -> RoiAlign.SPEC;
      case "Scan" -> Scan.SPEC;
      case "Scatter" -> Scatter.SPEC;
      case "ScatterElements" -> ScatterElements.SPEC;
      case "ScatterND" -> ScatterND.SPEC;
      case "Shape" -> ShapeOf.SPEC;
      case "Size" -> Size.SPEC;
      case "Slice" -> Slice.SPEC;
      case "SpaceToDepth" -> SpaceToDepth.SPEC;
      case "Split" -> Split.SPEC;
      case "Squeeze" -> Squeeze.SPEC;
      case "TensorScatter" -> TensorScatter.SPEC;
      case "TfIdfVectorizer" -> TfIdfVectorizer.SPEC;
      case "Tile" -> Tile.SPEC;
      case "Transpose" -> Transpose.SPEC;
      case "Trilu" -> Trilu.SPEC;
      case "Unsqueeze" -> Unsqueeze.SPEC;
      case "Upsample" -> Upsample.SPEC;
      default -> null;
    };
  }

  /** Linear algebra and signals: products, convolutions, pooling, recurrent, attention, Fourier. */
  private static @Nullable OpSpec linear(String name) {
    return switch (name) {
      case "Attention" -> Attention.SPEC;
      case "AveragePool" -> AveragePool.SPEC;
      case "Conv" -> Conv.SPEC;
      case "ConvInteger" -> ConvInteger.SPEC;
      case "ConvTranspose" -> ConvTranspose.SPEC;
      case "DeformConv" -> DeformConv.SPEC;
      case "DFT" -> DFT.SPEC;
      case "Gemm" -> Gemm.SPEC;
      case "GlobalAveragePool" -> GlobalAveragePool.SPEC;
      case "GlobalLpPool" -> GlobalLpPool.SPEC;
      case "GlobalMaxPool" -> GlobalMaxPool.SPEC;
      case "GRU" -> GRU.SPEC;
      case "LpPool" -> LpPool.SPEC;
      case "LSTM" -> LSTM.SPEC;
      case "MatMul" -> MatMul.SPEC;
      case "MatMulInteger" -> MatMulInteger.SPEC;
      case "MaxPool" -> MaxPool.SPEC;
      case "MelWeightMatrix" -> MelWeightMatrix.SPEC;
      case "QLinearConv" -> QLinearConv.SPEC;
      case "QLinearMatMul" -> QLinearMatMul.SPEC;
      case "RNN" -> RNN.SPEC;
      case "RotaryEmbedding" -> RotaryEmbedding.SPEC;
      case "STFT" -> STFT.SPEC;
      default -> null;
    };
  }

  /** Made by passes, never in files: fused and integer operators. */
  private static @Nullable OpSpec internal(String name) {
    return switch (name) {
      case "DequantizedMatMul" -> DequantizedMatMul.SPEC;
      case "FusedAttention" -> FusedAttention.SPEC;
      case "FusedConv" -> FusedConv.SPEC;
      case "FusedMatMul" -> FusedMatMul.SPEC;
      case "IntegerAdd" -> IntegerAdd.SPEC;
      case "IntegerAveragePool" -> IntegerAveragePool.SPEC;
      case "IntegerConv" -> IntegerConv.SPEC;
      case "IntegerGlobalAveragePool" -> IntegerGlobalAveragePool.SPEC;
      case "IntegerLookup" -> IntegerLookup.SPEC;
      case "IntegerMatMul" -> IntegerMatMul.SPEC;
      case "IntegerMul" -> IntegerMul.SPEC;
      case "MovementGradient" -> MovementGradient.SPEC;
      case "QuantizedMatMul" -> QuantizedMatMul.SPEC;
      case "UnaryGradient" -> UnaryGradient.SPEC;
      default -> null;
    };
  }
}
