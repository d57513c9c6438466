package dev.tinytitan.compress.distill;

import java.util.List;

/** In what a student is to be like its teacher. Immutable. */
public sealed interface DistillationLoss {

  /**
   * The same probabilities of classes, softened by a temperature so that those of wrong classes
   * count, too (Hinton, Vinyals and Dean 2015). For classifiers.
   *
   * @param temperature what logits are divided by, above 0; 1 to 10 is usual
   */
  record SoftTargets(double temperature) implements DistillationLoss {
    public SoftTargets {
      requireTemperature(temperature);
    }
  }

  /**
   * Soft targets in two parts that are weighed apart: how sure the teacher is of the right class,
   * and how it orders the others (Zhao et al. 2022, "Decoupled Knowledge Distillation"). The right
   * class is the label's, or the teacher's choice where there are no labels. For classifiers.
   *
   * @param temperature what logits are divided by, above 0
   * @param target weight of the right class against all others, usually 1
   * @param others weight of the other classes among themselves, usually 1 to 8
   */
  record Decoupled(double temperature, double target, double others) implements DistillationLoss {
    public Decoupled {
      requireTemperature(temperature);
      if (!(target >= 0) || !(others >= 0)) {
        throw new IllegalArgumentException("weights of " + target + " and " + others);
      }
    }
  }

  /** The same numbers at the output: the mean of squared differences. For regression. */
  record Outputs() implements DistillationLoss {}

  /**
   * The same direction of the output: one minus the cosine between the two, each sample a vector.
   * For encoders, whose outputs are embeddings.
   */
  record Embedding() implements DistillationLoss {}

  /**
   * The same features inside: the mean of squared differences between values of the teacher and
   * those of the student under a learned linear map, which is not kept (Romero et al. 2015,
   * "FitNets").
   *
   * @param pairs which values; empty to pair them by their names and sizes
   */
  record Features(List<ValuePair> pairs) implements DistillationLoss {
    /** Copies the list. */
    public Features {
      pairs = List.copyOf(pairs);
    }
  }

  /**
   * The same places of attention: the sum of squares over the channels of feature maps, as a vector
   * of length 1 (Zagoruyko and Komodakis 2017).
   *
   * @param pairs which values, of three dimensions or more; empty to pair them by their sizes
   */
  record AttentionTransfer(List<ValuePair> pairs) implements DistillationLoss {
    /** Copies the list. */
    public AttentionTransfer {
      pairs = List.copyOf(pairs);
    }
  }

  /**
   * A value inside the teacher, and the one inside the student that is to be like it, by the names
   * of node outputs.
   */
  record ValuePair(String teacher, String student) {}

  /** Soft targets at this temperature. */
  static DistillationLoss softTargets(double temperature) {
    return new SoftTargets(temperature);
  }

  /** Decoupled soft targets with usual weights. */
  static DistillationLoss decoupled(double temperature) {
    return new Decoupled(temperature, 1, 4);
  }

  /** Features paired by names and sizes. */
  static DistillationLoss features() {
    return new Features(List.of());
  }

  /** Places of attention paired by sizes. */
  static DistillationLoss attentionTransfer() {
    return new AttentionTransfer(List.of());
  }

  private static void requireTemperature(double temperature) {
    if (!(temperature > 0) || !Double.isFinite(temperature)) {
      throw new IllegalArgumentException("a temperature of " + temperature);
    }
  }
}
