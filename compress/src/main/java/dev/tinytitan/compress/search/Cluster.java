package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import java.util.List;
import java.util.Optional;

/**
 * Gives the weights of each layer one of a few values (Han et al. 2016, "Deep Compression"); made
 * for archives.
 *
 * @param clusters values for each layer, 2 to 256
 * @param teaching how the values, and which weight has which, are trained after that; empty to
 *     leave them as they are found
 * @param exclude names of nodes, or patterns, that stay as they are
 * @param samples at most so many say how much weights matter
 */
public record Cluster(int clusters, Optional<Distill> teaching, List<String> exclude, int samples)
    implements Step {
  public Cluster {
    exclude = List.copyOf(exclude);
    if (clusters < 2 || clusters > 256) {
      throw new IllegalArgumentException("a layer has 2 to 256 clusters, not " + clusters);
    }
    if (samples < 1) {
      throw new IllegalArgumentException("at least one sample is needed, not " + samples);
    }
  }

  /** So many values, all else at its default. */
  public static Cluster of(int clusters) {
    return new Cluster(clusters, Optional.empty(), List.of(), Quantize.DEFAULT_SAMPLES);
  }

  @Override
  public String kind() {
    return "cluster";
  }

  @Override
  public String label() {
    return clusters
        + " clusters"
        + teaching.map(each -> ", taught " + each.plan().label()).orElse("");
  }

  @Override
  public String words() {
    return "give the weights of each layer one of "
        + clusters
        + " values, stored as a codebook"
        + teaching.map(each -> ", and train these, " + each.plan().words()).orElse("");
  }

  @Override
  public Optional<TrainingPlan> training() {
    return teaching.map(Distill::plan);
  }

  @Override
  public Model apply(Model model, StepContext context) {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.CLUSTERS)
            .withClusters(clusters)
            .withExclude(exclude)
            .withSeed(context.seed())
            .withThreads(context.threads());
    Quantizer quantizer = new Quantizer(options, context.progress());
    return teaching
        .map(how -> quantizer.withTraining(how.fineTuning("train codebooks", context)))
        .orElse(quantizer)
        .quantize(model, context.calibration(samples), Samples.none())
        .model();
  }
}
