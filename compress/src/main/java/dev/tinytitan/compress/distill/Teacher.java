package dev.tinytitan.compress.distill;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.BatchedSession;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A model that answers for batches of samples: values inside it, and its logits or outputs. */
final class Teacher implements AutoCloseable {
  /** What probabilities are kept above, so that their logarithms stay finite. */
  private static final float LEAST_PROBABILITY = 1e-8f;

  private final BatchedSession session;
  private final String answer;
  private final boolean logarithm;
  private final Map<String, Shape> shapes;

  /**
   * @param wantsLogits whether answers are logits: what a last Softmax reads, or the logarithms of
   *     probabilities where the model gives these otherwise
   * @param values which values inside are given, too
   */
  Teacher(Model model, boolean wantsLogits, Collection<String> values, SessionOptions options) {
    Graph graph = model.graph();
    if (graph.outputs().isEmpty() || graph.inputs().isEmpty()) {
      throw new BadDataException("The teacher has no inputs or no outputs.");
    }
    String output = graph.outputs().getFirst().name();
    Optional<Node> softmax =
        graph.producer(output).filter(node -> wantsLogits && node.operator() instanceof Softmax);
    this.answer = softmax.map(node -> node.input(0)).orElse(output);
    Graph.Builder tapped = graph.toBuilder().outputs(List.of()).output(answer, null);
    for (String value : values) {
      if (graph.nodes().stream().noneMatch(node -> node.outputs().contains(value))) {
        throw new BadDataException("The teacher has no value '" + value + "'.");
      }
      if (!value.equals(answer)) {
        tapped.output(value, null);
      }
    }
    this.session = new BatchedSession(Model.of(tapped.build(), model.info()), options);
    this.shapes = session.outputShapes();
    this.logarithm = wantsLogits && softmax.isEmpty() && givesProbabilities();
  }

  /** Whether the answer to a sample of zeros has no negative numbers, and a sum of 1. */
  private boolean givesProbabilities() {
    float[] values = session.predictions(new float[session.sampleSize()], 1);
    double sum = 0;
    for (float value : values) {
      sum += value;
      if (value < 0) {
        return false;
      }
    }
    return values.length > 1 && Math.abs(sum - 1) < 0.05;
  }

  /** The name of the answer: the logits, or the output. */
  String answer() {
    return answer;
  }

  /** Elements of a sample. */
  int sampleSize() {
    return session.sampleSize();
  }

  /** The shapes of the answer and of the values wanted, by name, without the batch. */
  Map<String, Shape> shapes() {
    return shapes;
  }

  /**
   * The answer and the values wanted for samples, by name, one after the other.
   *
   * @param samples one after the other
   * @param count how many there are
   */
  Map<String, float[]> answers(float[] samples, int count) {
    Map<String, float[]> all = session.run(samples, 0, count);
    if (logarithm) {
      float[] values = Objects.requireNonNull(all.get(answer));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.log(Math.max(values[i], LEAST_PROBABILITY));
      }
    }
    return all;
  }

  /** The answer alone. */
  float[] answer(float[] samples, int count) {
    return Objects.requireNonNull(answers(samples, count).get(answer));
  }

  @Override
  public void close() {
    session.close();
  }
}
