package dev.tinytitan.train.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Catalog;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.BatchNormalizationTraining;
import dev.tinytitan.train.op.ChannelMoments;
import dev.tinytitan.train.op.NearestValue;
import dev.tinytitan.train.op.TrainingDropout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradients of every operator against finite differences. */
class OperatorGradientTest {

  static Stream<GradientCase> cases() {
    return GradientCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsFiniteDifferences(GradientCase test) {
    GradientCheck.check(test);
  }

  @Test
  void batchNormalizationThroughItsStatistics() {
    Random random = new Random(5);
    List<Tensor> values =
        List.of(
            GradientCases.uniform(random, -2, 2, 4, 3, 2),
            GradientCases.uniform(random, 0.5, 2, 3),
            GradientCases.uniform(random, -1, 1, 3));
    Graph.Builder builder = Graph.builder("batch");
    List<String> names = List.of("x", "scale", "bias");
    for (int i = 0; i < names.size(); i++) {
      builder.input(names.get(i), TensorType.of(DType.FLOAT64, values.get(i).shape()));
    }
    builder.node(new ChannelMoments(), List.of("x"), "moments");
    builder.node(
        Node.of(
            "y",
            new BatchNormalizationTraining(1e-3f),
            List.of("x", "moments", "scale", "bias"),
            List.of("y", "mean", "variance")));
    GradientCheck.check("batch normalization", builder.build(), List.of("y"), names, values);
  }

  @Test
  void dropoutDropsTheSameElements() {
    Random random = new Random(6);
    Tensor step = Tensor.scalar(3L);
    GradientCheck.check(
        GradientCase.of(
            new TrainingDropout(0.4f, 9), GradientCases.uniform(random, -1, 1, 5, 4), step));
  }

  /** The numbers lie too far from midpoints for differences to move them to other values. */
  @Test
  void codebooksCollectTheGradientsOfTheirNumbers() {
    Tensor x = Tensor.of(new double[] {0.2, -1.4, 0.9, 1.1, -0.7, 0, 0.3, 2.4}, 2, 4);
    Tensor codebook = Tensor.of(new double[] {0.8, -1, 0.1, 2, -3});
    GradientCheck.check(
        GradientCase.of(new NearestValue(), x, codebook, Tensor.of(new double[] {0.9}))
            .withOutputs(2)
            .withConstants(0, 2));
  }

  @Test
  void quantizedValuesPassGradientsStraightThrough() {
    Graph.Builder builder =
        Graph.builder("quantized")
            .input("x", TensorType.of(DType.FLOAT32, 4))
            .initializer("scale", Tensor.scalar(0.1f))
            .initializer("zero", Tensor.of(new byte[] {3}).reshape(Shape.scalar()))
            .initializer("weights", Tensor.of(new float[] {1, 2, 3, 4}));
    builder.node(new QuantizeLinear(1, 0, true, null, null), List.of("x", "scale", "zero"), "q");
    builder.node(new DequantizeLinear(1, 0, null), List.of("q", "scale", "zero"), "y");
    builder.node(new Mul(), List.of("y", "weights"), "weighted");
    builder.node(new ReduceSum(false, false), List.of("weighted"), "loss");
    Differentiator.Result result =
        Differentiator.differentiate(builder.output("loss", null).build(), "loss", List.of("x"));
    Graph graph = result.graph().toBuilder().output(result.gradients().get("x"), null).build();
    Tensor x = Tensor.of(new float[] {0.26f, 99, -99, -1.23f});
    Tensor gradient = Interpreter.run(graph, List.of(x)).get(1);
    assertThat(gradient.toFloatArray()).containsExactly(1, 0, 0, 4);
  }

  /**
   * Operators of the catalog without a gradient, and why. An operator that is neither here nor
   * among the cases fails the test below.
   */
  private static final Map<String, String> WITHOUT =
      Map.ofEntries(
          reason(
              "their results are integers or bools",
              "And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Equal Greater"
                  + " GreaterOrEqual IsInf IsNaN Less LessOrEqual NonMaxSuppression NonZero Not Or"
                  + " Shape Size Xor ConvInteger MatMulInteger QLinearConv QLinearMatMul"
                  + " TfIdfVectorizer Unique"),
          reason(
              "they make constants or random numbers",
              "Bernoulli BlackmanWindow ConstantOfShape EyeLike HammingWindow HannWindow"
                  + " MelWeightMatrix Multinomial OneHot RandomNormal RandomNormalLike RandomUniform"
                  + " RandomUniformLike Range"),
          reason(
              "import turns them into others", "CastLike Scatter SoftmaxCrossEntropyLoss Upsample"),
          reason("control flow is inlined or unrolled first", "If Loop Scan"),
          reason("training puts its own operators in their place", "Dropout GRU LSTM RNN"),
          reason(
              "straight-through, which differences do not show",
              "DequantizeLinear QuantizeLinear"));

  /**
   * Operators that could be differentiated and are not: a model with one of them between its
   * parameters and its loss is refused, with the node's name. None of them is among those that
   * models are made of (docs/operators.md).
   */
  private static final String OPEN =
      "AffineGrid Col2Im DeformConv Det DynamicQuantizeLinear GlobalLpPool GridSample Hardmax LpPool"
          + " MaxRoiPool MaxUnpool MeanVarianceNormalization NegativeLogLikelihoodLoss"
          + " RoiAlign TensorScatter";

  private static Map.Entry<String, String> reason(String why, String names) {
    return Map.entry(why, names);
  }

  @Test
  void everyOperatorOfTheCatalogIsDifferentiableOrSaysWhyNot() {
    Set<String> checked = new HashSet<>();
    GradientCases.all().forEach(test -> checked.add(test.operator().spec().name()));
    List<String> explained = new ArrayList<>();
    WITHOUT.values().forEach(names -> explained.addAll(List.of(names.split(" ", -1))));
    assertThat(explained).doesNotHaveDuplicates().doesNotContainAnyElementsOf(checked);
    Set<String> open = new TreeSet<>();
    for (OpSpec spec : Catalog.all()) {
      if (!spec.isInternal()
          && !checked.contains(spec.name())
          && !explained.contains(spec.name())) {
        open.add(spec.name());
      }
    }
    assertThat(open).containsExactlyInAnyOrder(OPEN.split(" ", -1));
  }
}
