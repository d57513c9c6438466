package dev.tinytitan.train.gradient;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.Gradients;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.op.AveragePoolGradient;
import dev.tinytitan.train.op.BatchNormalizationGradient;
import dev.tinytitan.train.op.BatchNormalizationSums;
import dev.tinytitan.train.op.BatchNormalizationTraining;
import dev.tinytitan.train.op.ConvInputGradient;
import dev.tinytitan.train.op.ConvWeightGradient;
import dev.tinytitan.train.op.MaxPoolGradient;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The gradients that need operators of this module, by the class of the operator. */
final class TrainingRules {
  private static final Map<Class<? extends Operator>, GradientRule> RULES =
      Map.of(
          Conv.class,
          TrainingRules::conv,
          ConvTranspose.class,
          TrainingRules::convTranspose,
          MaxPool.class,
          TrainingRules::maxPool,
          AveragePool.class,
          TrainingRules::averagePool,
          GlobalAveragePool.class,
          TrainingRules::globalAveragePool,
          BatchNormalizationTraining.class,
          TrainingRules::batchNormalization);

  private TrainingRules() {}

  /** The rule for an operator; empty if the operator says itself how it is differentiated. */
  static Optional<GradientRule> of(Operator operator) {
    return Optional.ofNullable(RULES.get(operator.getClass()));
  }

  private static void conv(GradientContext context) {
    Conv conv = (Conv) context.node().operator();
    String dy = context.gradient(0);
    String x = context.input(0);
    String w = context.input(1);
    if (context.wants(0)) {
      context.give(0, context.add(new ConvInputGradient(conv, context.shape(x)), dy, w));
    }
    if (context.wants(1)) {
      context.give(1, context.add(new ConvWeightGradient(conv, context.shape(w)), dy, x));
    }
    Gradients.giveOverChannels(context, 2, dy);
  }

  /** A transposed convolution's gradients are those of the convolution that it transposes. */
  private static void convTranspose(GradientContext context) {
    ConvTranspose transposed = (ConvTranspose) context.node().operator();
    String dy = context.gradient(0);
    String x = context.input(0);
    String w = context.input(1);
    List<WindowGeometry.Axis> axes = transposed.geometry(context.shape(x), context.shape(w)).axes();
    int rank = axes.size();
    int[] strides = new int[rank];
    int[] dilations = new int[rank];
    int[] pads = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      WindowGeometry.Axis axis = axes.get(i);
      strides[i] = axis.stride();
      dilations[i] = axis.dilation();
      pads[i] = axis.padBegin();
      int reach = (axis.output() - 1) * axis.stride() + (axis.kernel() - 1) * axis.dilation() + 1;
      pads[rank + i] = Math.max(0, reach - axis.padBegin() - axis.input());
    }
    Window window = Window.of().withStrides(strides).withPads(pads).withDilations(dilations);
    Conv conv = new Conv(window, transposed.group());
    if (context.wants(0)) {
      context.give(0, context.add(conv, dy, w));
    }
    if (context.wants(1)) {
      context.give(1, context.add(new ConvWeightGradient(conv, context.shape(w)), x, dy));
    }
    Gradients.giveOverChannels(context, 2, dy);
  }

  private static void maxPool(GradientContext context) {
    MaxPool pool = (MaxPool) context.node().operator();
    MaxPoolGradient gradient = new MaxPoolGradient(pool.window());
    context.give(0, context.add(gradient, context.gradient(0), context.input(0)));
  }

  private static void averagePool(GradientContext context) {
    AveragePool pool = (AveragePool) context.node().operator();
    AveragePoolGradient gradient = new AveragePoolGradient(pool, context.shape(context.input(0)));
    context.give(0, context.add(gradient, context.gradient(0)));
  }

  private static void globalAveragePool(GradientContext context) {
    Shape shape = context.shape(context.input(0));
    int[] window = Arrays.copyOfRange(shape.toArray(), 2, shape.rank());
    AveragePool pool = new AveragePool(Window.of(window), false);
    context.give(0, context.add(new AveragePoolGradient(pool, shape), context.gradient(0)));
  }

  private static void batchNormalization(GradientContext context) {
    float epsilon = ((BatchNormalizationTraining) context.node().operator()).epsilon();
    String dy = context.gradient(0);
    String x = context.input(0);
    String mean = context.output(1);
    String sums = context.add(new BatchNormalizationSums(), dy, x, mean);
    List<String> gradients =
        context.addNode(
            new BatchNormalizationGradient(epsilon),
            3,
            List.of(dy, x, context.input(2), mean, context.output(2), sums));
    // Input 1, the moments, is a function of input 0; what passes through it is counted here.
    context.give(0, gradients.get(0));
    context.give(2, gradients.get(1));
    context.give(3, gradients.get(2));
  }
}
