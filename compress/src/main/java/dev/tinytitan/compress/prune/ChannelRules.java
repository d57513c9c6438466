package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Attention;
import dev.tinytitan.op.AxisFunction;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.DepthToSpace;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Einsum;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LRN;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.LpNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.Reduction;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.ShapeOperator;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.SpaceToDepth;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Unsqueeze;
import java.util.Set;

/** Finds the rule of an operator. */
final class ChannelRules {
  private static final Set<String> POOLS =
      Set.of(
          "AveragePool", "MaxPool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");

  private ChannelRules() {}

  /** Lets channels pass through a node; false if there is no rule for it. */
  static boolean apply(NodeTrace node) {
    Operator operator = node.node().operator();
    switch (operator) {
      case Conv conv -> ProductRules.conv(node, conv.group());
      case ConvTranspose conv -> ProductRules.convTranspose(node, conv.group());
      case Gemm gemm -> ProductRules.gemm(node, gemm);
      case MatMul product -> ProductRules.matMul(node);
      case Einsum einsum -> {
        return EinsumRule.apply(node, einsum);
      }
      case RecurrentOperator recurrent -> RecurrentRule.apply(node, recurrent);
      case Attention attention -> {
        return AttentionRule.apply(node, attention);
      }
      case BatchNormalization norm when !norm.training() ->
          NormalizationRules.perChannel(node, false);
      case InstanceNormalization norm -> NormalizationRules.perChannel(node, true);
      case GroupNormalization norm -> NormalizationRules.grouped(node, norm.groups());
      case LayerNormalization norm -> NormalizationRules.acrossFrom(node, norm.axis());
      case RMSNormalization norm -> NormalizationRules.acrossFrom(node, norm.axis());
      case LpNormalization norm -> NormalizationRules.along(node, norm.axis());
      case LRN norm -> NormalizationRules.along(node, 1);
      case AxisFunction function -> NormalizationRules.along(node, function.axis());
      case Reduction reduction -> {
        return NormalizationRules.reduce(node, reduction);
      }
      case Reshape view -> ViewRules.apply(node);
      case Flatten view -> ViewRules.apply(node);
      case Squeeze view -> ViewRules.apply(node);
      case Unsqueeze view -> ViewRules.apply(node);
      case Transpose transpose -> MovingRules.transpose(node, transpose);
      case Concat concat -> MovingRules.concat(node, concat.axis());
      case Split split -> MovingRules.split(node, split.axis());
      case Slice slice -> MovingRules.slice(node);
      case Gather gather -> MovingRules.gather(node, gather.axis());
      case Pad pad -> MovingRules.pad(node, pad);
      case Tile tile -> MovingRules.tile(node);
      case Expand expand -> MovingRules.expand(node);
      case Resize resize -> MovingRules.resize(node);
      case DepthToSpace block -> MovingRules.depthToSpace(node, block);
      case SpaceToDepth block -> MovingRules.spaceToDepth(node, block.blockSize());
      case QuantizeLinear quantize ->
          ElementRules.quantization(node, quantize.axis(), quantize.blockSize());
      case DequantizeLinear quantize ->
          ElementRules.quantization(node, quantize.axis(), quantize.blockSize());
      // Sizes adjust themselves; SizeUses sees to those that are used as numbers.
      case ShapeOperator shape -> node.touch(0);
      default -> {
        if (POOLS.contains(operator.spec().name())) {
          NormalizationRules.pool(node);
          return true;
        }
        return ElementRules.apply(node);
      }
    }
    return true;
  }
}
