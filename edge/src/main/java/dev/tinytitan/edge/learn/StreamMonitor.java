package dev.tinytitan.edge.learn;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Watches the samples that a classifier gets, without labels: how sure the model is, how unusual a
 * sample's features are, and whether either drifts. The features are what the last layer reads. One
 * thread at a time.
 */
public final class StreamMonitor implements AutoCloseable {
  private static final double FALSE_ALARMS = 0.002;

  private final Session session;
  private final Binding binding;
  private final MahalanobisScore score;
  private final Adwin confidence = new Adwin(FALSE_ALARMS);
  private final PageHinkley novelty = new PageHinkley(0.1, 8, 30);

  /**
   * What is seen in a sample.
   *
   * @param predicted the class that the model gives
   * @param confidence its probability
   * @param novelty how unusual the features are, about 1 for what is usual; NaN while too few were
   *     seen
   * @param confidenceDrifts whether the model's confidence changed here
   * @param inputDrifts whether samples became more unusual here
   */
  public record Observation(
      int predicted,
      double confidence,
      double novelty,
      boolean confidenceDrifts,
      boolean inputDrifts) {}

  private StreamMonitor(Session session, int features) {
    this.session = session;
    this.binding = session.binding();
    this.score = new MahalanobisScore(features);
  }

  /**
   * Watches for a model.
   *
   * @throws dev.tinytitan.UnsupportedModelException if the model has no layer with weights
   */
  public static StreamMonitor of(Model model) {
    String features = TailBuilder.features(model.graph());
    Graph batched = TailBuilder.withBatch(model.graph(), 1);
    String output = batched.outputs().getFirst().name();
    Graph.Builder builder = batched.toBuilder();
    builder.outputs(List.of(batched.outputs().getFirst()));
    if (!features.equals(output)) {
      builder.output(features, null);
    }
    Session session =
        Model.of(builder.build(), model.info()).open(SessionOptions.defaults().withThreads(1));
    int size = session.binding().output(session.outputs().size() - 1).size();
    return new StreamMonitor(session, size);
  }

  /** Learns what is usual from a sample, say of the data that the model was trained with. */
  public void addUsual(Tensor sample) {
    run(sample);
    score.add(features());
  }

  private void run(Tensor sample) {
    binding.input(0).copyFrom(sample.reshape(binding.input(0).shape()));
    binding.run();
  }

  private float[] features() {
    return binding.output(session.outputs().size() - 1).toFloatArray();
  }

  /** Looks at a sample. */
  public Observation observe(Tensor sample) {
    run(sample);
    float[] probabilities = Probabilities.of(binding.output(0).toFloatArray());
    int predicted = Learner.greatest(probabilities);
    double sure = probabilities[predicted];
    double unusual = score.score(features());
    return new Observation(predicted, sure, unusual, confidence.add(sure), novelty.add(unusual));
  }

  @Override
  public void close() {
    session.close();
  }
}
