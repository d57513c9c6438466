package dev.tinytitan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.RNN;
import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentActivation;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recurrent layers that are written out compute what the layers compute. */
class RecurrenceUnrollerTest {
  private static final int HIDDEN = 4;

  static Stream<RecurrentOperator> operators() {
    RecurrentActivation.Kind sigmoid = RecurrentActivation.Kind.SIGMOID;
    RecurrentActivation.Kind tanh = RecurrentActivation.Kind.TANH;
    return Stream.of(
        new RNN(recurrence(tanh)),
        new GRU(recurrence(sigmoid, tanh), false),
        new GRU(recurrence(sigmoid, tanh), true),
        new LSTM(recurrence(sigmoid, tanh, tanh), false));
  }

  private static Recurrence recurrence(RecurrentActivation.Kind... kinds) {
    return new Recurrence(
        HIDDEN,
        Recurrence.Direction.FORWARD,
        Stream.of(kinds).map(kind -> new RecurrentActivation(kind, 0, 0)).toList(),
        Float.POSITIVE_INFINITY,
        false);
  }

  @ParameterizedTest
  @MethodSource("operators")
  void computeTheSame(RecurrentOperator operator) {
    int gates = operator.gates() * HIDDEN;
    Random random = new Random(8);
    List<Tensor> values =
        List.of(
            noise(random, 5, 2, 3),
            noise(random, 1, gates, 3),
            noise(random, 1, gates, HIDDEN),
            noise(random, 1, 2 * gates));
    List<String> names = List.of("x", "w", "r", "b");
    Node node = Node.of("layer", operator, names, List.of("y", "last"));
    Graph.Builder plain = Graph.builder("plain");
    Graph.Builder written = Graph.builder("written");
    for (int i = 0; i < names.size(); i++) {
      plain.input(names.get(i), TensorType.of(DType.FLOAT32, values.get(i).shape()));
      written.input(names.get(i), TensorType.of(DType.FLOAT32, values.get(i).shape()));
    }
    plain.node(node);
    RecurrenceUnroller.unroll(written, node, values.get(0).shape(), values.get(2).shape());
    List<Tensor> expected =
        Interpreter.run(plain.output("y", null).output("last", null).build(), values);
    List<Tensor> actual =
        Interpreter.run(written.output("y", null).output("last", null).build(), values);
    for (int i = 0; i < 2; i++) {
      assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
      for (int j = 0; j < actual.get(i).size(); j++) {
        assertThat(actual.get(i).getFloat(j)).isCloseTo(expected.get(i).getFloat(j), within(1e-5f));
      }
    }
  }

  private static Tensor noise(Random random, int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }
}
