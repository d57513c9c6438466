package dev.tinytitan.train;

import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/**
 * What a model is trained by beside its targets, or in place of them: a term of the loss that may
 * read any value inside the model, compare it with more inputs that are filled in for each batch (a
 * teacher's outputs, say), and have parameters of its own, which are trained along and not kept.
 *
 * <p>Used by one trainer, on the thread that trains.
 */
public interface Guidance {

  /** How much the loss of the targets counts; at 0, data need no targets. */
  double targetWeight();

  /**
   * Adds the nodes of the term. Called once, when the trainer is made.
   *
   * @return the term, a scalar, which is added to the loss
   */
  String write(GuidanceNodes nodes);

  /**
   * Fills in its inputs. Called before each step.
   *
   * @param inputs the tensors that the step reads, by the names of {@link GuidanceNodes#input}
   */
  void fill(Batch batch, Map<String, Tensor> inputs);

  /** What tells this term from others; a checkpoint goes on only with the same text. */
  String identity();
}
