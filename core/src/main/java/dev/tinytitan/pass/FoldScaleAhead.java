package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AutoPad;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Mul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folds a scale, or a shift, of a convolution's input into the convolution: of a number, or of one
 * number for each channel. A shift only where there is no padding, for padding is not shifted; a
 * shift that must stay goes before the scale, so that at least the scale is folded.
 */
public record FoldScaleAhead() implements Pass.OfNodes {
  @Override
  public String name() {
    return "fold-scale-ahead";
  }

  @Override
  public String description() {
    return "Folds scales and shifts of channels into the convolution after them.";
  }

  /** A node that combines a value with one number (float64) for each of its channels. */
  private record Affine(Node node, String value, Tensor each) {}

  @Override
  public Set<String> startsAt() {
    return Set.of("Conv");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    Tensor weights = scope.constant(node.input(1)).orElse(null);
    if (!(node.operator() instanceof Conv conv)
        || weights == null
        || weights.dtype() != DType.FLOAT32
        || weights.shape().rank() < 3
        || weights.shape().dim(0) % conv.group() != 0) {
      return Optional.empty();
    }
    int channels = weights.shape().dim(1) * conv.group();
    Affine scale = affine(scope, node.input(0), Mul.class, channels);
    if (scale != null) {
      return scaled(scope, node, conv, weights, scale);
    }
    Affine shift = affine(scope, node.input(0), Add.class, channels);
    if (shift == null) {
      return Optional.empty();
    }
    if (isUnpadded(conv)) {
      return shifted(scope, node, conv, weights, shift);
    }
    Affine before = affine(scope, shift.value, Mul.class, channels);
    return before == null ? Optional.empty() : exchanged(scope, shift, before);
  }

  private static @Nullable Affine affine(
      Scope scope, String value, Class<? extends Operator> kind, int channels) {
    Node node = scope.soleProducer(value, kind).orElse(null);
    for (int i = 0; i < 2 && node != null; i++) {
      Tensor constant = scope.constant(node.input(i)).orElse(null);
      double[] each =
          constant == null ? null : perChannel(constant, channels, scope.rank(node.input(1 - i)));
      if (each != null) {
        return new Affine(node, node.input(1 - i), Tensor.of(each));
      }
    }
    return null;
  }

  private static double @Nullable [] perChannel(Tensor constant, int channels, int rank) {
    Shape shape = constant.shape();
    double[] each = new double[channels];
    if (rank < 3 || shape.rank() > rank || constant.dtype() != DType.FLOAT32) {
      return null;
    }
    if (constant.size() == 1) {
      Arrays.fill(each, constant.getDouble(0));
      return each;
    }
    boolean fits =
        constant.size() == channels && shape.rank() >= rank - 1 && shape.dim(1 - rank) == channels;
    if (!fits) {
      return null;
    }
    Arrays.setAll(each, constant::getDouble);
    return each;
  }

  private static boolean isUnpadded(Conv conv) {
    AutoPad pad = conv.window().autoPad();
    return pad == AutoPad.VALID || (pad == AutoPad.NOTSET && conv.window().pads().isEmpty());
  }

  /** The input channel that weight {@code index} reads. */
  private static int channelOf(Conv conv, Shape shape, int index) {
    int inner = shape.sizeBetween(2, shape.rank());
    int group = index / shape.sizeBetween(1, shape.rank()) / (shape.dim(0) / conv.group());
    return group * shape.dim(1) + index / inner % shape.dim(1);
  }

  private static Optional<GraphPatch> scaled(
      Scope scope, Node node, Conv conv, Tensor weights, Affine scale) {
    Tensor folded = Tensor.zeros(DType.FLOAT32, weights.shape());
    for (int i = 0; i < folded.size(); i++) {
      int channel = channelOf(conv, weights.shape(), i);
      folded.setDouble(i, weights.getDouble(i) * scale.each.getDouble(channel));
    }
    if (!LinearLayer.isFinite(folded)) {
      return Optional.empty();
    }
    String name = scope.fresh(node.name() + "_weight");
    return Optional.of(
        GraphPatch.builder()
            .remove(scale.node)
            .remove(node)
            .initializer(name, folded)
            .add(node.withInput(0, scale.value).withInput(1, name))
            .build());
  }

  private static Optional<GraphPatch> shifted(
      Scope scope, Node node, Conv conv, Tensor weights, Affine shift) {
    Tensor old = scope.constant(node.input(2)).orElse(null);
    int outputs = weights.shape().dim(0);
    if (node.hasInput(2) && (old == null || old.size() != outputs)) {
      return Optional.empty();
    }
    double[] sums = new double[outputs];
    for (int i = 0; i < weights.size(); i++) {
      int output = i / weights.shape().sizeBetween(1, weights.shape().rank());
      sums[output] +=
          weights.getDouble(i) * shift.each.getDouble(channelOf(conv, weights.shape(), i));
    }
    Tensor bias = Tensor.zeros(DType.FLOAT32, Shape.of(outputs));
    for (int m = 0; m < outputs; m++) {
      bias.setDouble(m, (old == null ? 0 : old.getDouble(m)) + sums[m]);
    }
    if (!LinearLayer.isFinite(bias)) {
      return Optional.empty();
    }
    String name = scope.fresh(node.name() + "_bias");
    return Optional.of(
        GraphPatch.builder()
            .remove(shift.node)
            .remove(node)
            .initializer(name, bias)
            .add(node.withInput(0, shift.value).withInput(2, name))
            .build());
  }

  /** {@code x · s + b} as {@code (x + b / s) · s}. */
  private static Optional<GraphPatch> exchanged(Scope scope, Affine shift, Affine scale) {
    Tensor moved = Tensor.zeros(DType.FLOAT32, Shape.of(shift.each.size()));
    for (int c = 0; c < moved.size(); c++) {
      double quotient = shift.each.getDouble(c) / scale.each.getDouble(c);
      // A quotient much larger than the shift would swallow digits of x.
      if (!(Math.abs(scale.each.getDouble(c)) >= 1e-2)) {
        return Optional.empty();
      }
      moved.setDouble(c, quotient);
    }
    int rank = scope.rank(shift.value);
    int[] dims = new int[rank - 1];
    Arrays.fill(dims, 1);
    dims[0] = moved.size();
    String name = scope.fresh(shift.node.name() + "_shift");
    String inner = scope.fresh(shift.node.output() + "_shifted");
    String scaleName = scale.node.input(scale.node.input(0).equals(scale.value) ? 1 : 0);
    return Optional.of(
        GraphPatch.builder()
            .remove(scale.node)
            .remove(shift.node)
            .initializer(name, moved.reshape(Shape.of(dims)))
            .add(shift.node.withInputs(List.of(scale.value, name)).withOutputs(List.of(inner)))
            .add(scale.node.withInputs(List.of(inner, scaleName)).withOutputs(shift.node.outputs()))
            .build());
  }
}
