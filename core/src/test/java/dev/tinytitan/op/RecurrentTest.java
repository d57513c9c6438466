package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.RecurrentActivation.Kind;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RecurrentTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

  private static Recurrence recurrence(Attributes.Builder attributes, Kind... defaults) {
    return Recurrence.decode(attributes.build(), defaults);
  }

  private static RNN rnn(String direction, boolean batchFirst) {
    return new RNN(
        recurrence(
            Attributes.builder().put("direction", direction).put("layout", batchFirst ? 1 : 0),
            Kind.RELU));
  }

  /** h = relu(2 x + 3 h + 0.5) over x = 1, 2. */
  @Test
  void readsForwardBackwardAndBoth() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2, 1, 1);
    Tensor w = Tensor.of(new float[] {2}, 1, 1, 1);
    Tensor r = Tensor.of(new float[] {3}, 1, 1, 1);
    Tensor b = Tensor.of(new float[] {0.25f, 0.25f}, 1, 2);
    List<Tensor> forward = runAll(rnn("forward", false), 2, x, w, r, b);
    assertThat(forward.get(0).toFloatArray()).containsExactly(2.5f, 12);
    assertThat(forward.get(1).toFloatArray()).containsExactly(12);
    List<Tensor> reverse = runAll(rnn("reverse", false), 2, x, w, r, b);
    assertThat(reverse.get(0).toFloatArray()).containsExactly(16, 4.5f);
    assertThat(reverse.get(1).toFloatArray()).containsExactly(16);
    List<Tensor> both =
        runAll(
            rnn("bidirectional", false),
            2,
            x,
            Tensor.of(new float[] {2, 2}, 2, 1, 1),
            Tensor.of(new float[] {3, 3}, 2, 1, 1),
            Tensor.of(new float[] {0.25f, 0.25f, 0.5f, 0}, 2, 2));
    assertThat(both.get(0).toFloatArray()).containsExactly(2.5f, 16, 12, 4.5f);
    assertThat(both.get(1).toFloatArray()).containsExactly(12, 16);
  }

  @Test
  void lengthsEndSequencesAndLayoutsAgree() {
    Tensor w = Tensor.of(new float[] {1}, 1, 1, 1);
    Tensor lengths = Tensor.of(new int[] {3, 2});
    // Two sequences: 1 2 3 and 10 20 (30, beyond its end).
    Tensor rows = Tensor.of(new float[] {1, 10, 2, 20, 3, 30}, 3, 2, 1);
    List<Tensor> sequenceFirst = runAll(rnn("reverse", false), 2, rows, w, w, null, lengths);
    assertThat(sequenceFirst.get(0).toFloatArray()).containsExactly(6, 30, 5, 20, 3, 0);
    assertThat(sequenceFirst.get(1).toFloatArray()).containsExactly(6, 30);
    Tensor columns = Tensor.of(new float[] {1, 2, 3, 10, 20, 30}, 2, 3, 1);
    List<Tensor> batchFirst = runAll(rnn("reverse", true), 2, columns, w, w, null, lengths);
    assertThat(batchFirst.get(0).shape().toArray()).containsExactly(2, 3, 1, 1);
    assertThat(batchFirst.get(0).toFloatArray()).containsExactly(6, 5, 3, 30, 20, 0);
    assertThat(batchFirst.get(1).shape().toArray()).containsExactly(2, 1, 1);
    assertThat(batchFirst.get(1).toFloatArray()).containsExactly(6, 30);
  }

  private static LSTM lstm(Attributes.Builder attributes, boolean inputForget) {
    return new LSTM(recurrence(attributes, Kind.SIGMOID, Kind.TANH, Kind.TANH), inputForget);
  }

  private static float sigmoid(double x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }

  @Test
  void lstmSeesItsCellThroughPeepholes() {
    Tensor zero = Tensor.zeros(DType.FLOAT32, Shape.of(1, 4, 1));
    Tensor x = Tensor.of(new float[] {1}, 1, 1, 1);
    Tensor state = Tensor.of(new float[] {0}, 1, 1, 1);
    Tensor cell = Tensor.of(new float[] {2}, 1, 1, 1);
    Tensor peepholes = Tensor.of(new float[] {0, 2, 1}, 1, 3);
    LSTM plain = lstm(Attributes.builder(), false);
    List<Tensor> results = runAll(plain, 3, x, zero, zero, null, null, state, cell, peepholes);
    float c = sigmoid(2) * 2;
    assertThat(results.get(2).getFloat(0)).isCloseTo(c, CLOSE);
    assertThat(results.get(1).getFloat(0))
        .isCloseTo((float) (sigmoid(2 * c) * Math.tanh(c)), CLOSE);
    // The forget gate as one less the input gate, which the peephole of the input opens.
    List<Tensor> coupled =
        runAll(
            lstm(Attributes.builder(), true),
            3,
            x,
            zero,
            zero,
            null,
            null,
            state,
            cell,
            Tensor.of(new float[] {1, 0, 0}, 1, 3));
    assertThat(coupled.get(2).getFloat(0)).isCloseTo((1 - sigmoid(2)) * 2, CLOSE);
  }

  @Test
  void clipBoundsWhatGoesIntoTheGates() {
    Tensor zero = Tensor.zeros(DType.FLOAT32, Shape.of(1, 4, 1));
    // Biases of the input, output, forget and cell gates.
    Tensor bias = Tensor.of(new float[] {100, 0, 0, 100, 0, 0, 0, 0}, 1, 8);
    List<Tensor> results =
        runAll(
            lstm(Attributes.builder().put("clip", 1f), false),
            3,
            Tensor.of(new float[] {1}, 1, 1, 1),
            zero,
            zero,
            bias);
    assertThat(results.get(2).getFloat(0)).isCloseTo((float) (sigmoid(1) * Math.tanh(1)), CLOSE);
  }

  @Test
  void gruResetsBeforeOrAfterWeighing() {
    Tensor w = Tensor.zeros(DType.FLOAT32, Shape.of(1, 3, 1));
    Tensor r = Tensor.of(new float[] {0, 0, 2}, 1, 3, 1);
    Tensor bias = Tensor.of(new float[] {0, 0, 0, 0, 0, 1}, 1, 6);
    Tensor x = Tensor.of(new float[] {1}, 1, 1, 1);
    Tensor state = Tensor.of(new float[] {3}, 1, 1, 1);
    Recurrence recurrence = recurrence(Attributes.builder(), Kind.SIGMOID, Kind.TANH);
    Tensor after = run(new GRU(recurrence, true), x, w, r, bias, null, state);
    assertThat(after.getFloat(0)).isCloseTo((float) (0.5 * Math.tanh(0.5 * 7) + 1.5), CLOSE);
    Tensor before = run(new GRU(recurrence, false), x, w, r, bias, null, state);
    assertThat(before.getFloat(0)).isCloseTo((float) (0.5 * Math.tanh(4) + 1.5), CLOSE);
  }

  @Test
  void attributesSurviveWritingAndReading() {
    Attributes attributes =
        Attributes.builder()
            .put(
                "activations",
                new Attribute.Texts(List.of("Affine", "tanh", "LeakyRelu", "HardSigmoid")))
            .put("activation_alpha", new Attribute.Floats(List.of(2f, 0.3f, 0.4f)))
            .put("activation_beta", new Attribute.Floats(List.of(1f)))
            .put("direction", "bidirectional")
            .put("clip", 3f)
            .put("hidden_size", 5)
            .build();
    Recurrence recurrence = Recurrence.decode(attributes, Kind.SIGMOID, Kind.TANH);
    assertThat(recurrence.activation(0, 0)).isEqualTo(new RecurrentActivation(Kind.AFFINE, 2, 1));
    assertThat(recurrence.activation(0, 0).apply(3)).isEqualTo(7);
    assertThat(recurrence.activation(1, 0))
        .isEqualTo(new RecurrentActivation(Kind.LEAKY_RELU, 0.3f, 0));
    // Alphas and betas are given out in order; what is left over has its default.
    assertThat(recurrence.activation(1, 1))
        .isEqualTo(new RecurrentActivation(Kind.HARD_SIGMOID, 0.4f, 0.5f));
    Attributes written = recurrence.encode(Kind.SIGMOID, Kind.TANH).build();
    assertThat(Recurrence.decode(written, Kind.SIGMOID, Kind.TANH)).isEqualTo(recurrence);
    Recurrence plain = recurrence(Attributes.builder(), Kind.SIGMOID, Kind.TANH);
    assertThat(plain.encode(Kind.SIGMOID, Kind.TANH).build().asMap()).isEmpty();
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(
            () -> recurrence(Attributes.builder().put("direction", "sideways"), Kind.TANH))
        .isInstanceOf(MalformedModelException.class);
    assertThatThrownBy(() ->
            recurrence(
                Attributes.builder().put("activations", new Attribute.Texts(List.of("Tanh"))),
                Kind.SIGMOID,
                Kind.TANH))
        .isInstanceOf(MalformedModelException.class);
    Tensor one = Tensor.of(new float[] {1}, 1, 1, 1);
    Tensor wide = Tensor.of(new float[] {1, 1}, 1, 1, 2);
    assertThatThrownBy(() -> run(rnn("forward", false), one, wide, one))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(rnn("forward", false), one, one, one, null, null, wide))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void infersWhatIsKnown() {
    TensorType unknown = TensorType.unknown(DType.FLOAT32);
    Recurrence recurrence =
        recurrence(Attributes.builder().put("hidden_size", 8), Kind.SIGMOID, Kind.TANH);
    assertThat(RunOperator.infer(new GRU(recurrence, false), 2, unknown, unknown, unknown).get(0))
        .isEqualTo(
            new TensorType(DType.FLOAT32, List.of(Dim.UNKNOWN, Dim.of(1), Dim.UNKNOWN, Dim.of(8))));
  }
}
