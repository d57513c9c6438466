package dev.tinytitan.edge.learn;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Runs the steps of learning behind a cut. All memory is taken when it is made. One thread at a
 * time.
 */
interface StepRunner extends AutoCloseable {

  /** Bytes of all that a step reads and writes, and of the optimizer's state. */
  long byteSize();

  /** Of {@link #byteSize}, what the optimizer keeps. */
  long optimizerBytes();

  /** The tensor of a cut, to be filled before a run; the batch first. */
  Tensor cut(String name);

  /** The targets, to be filled before a run: [batch, outputs]. */
  float[] targets();

  /** The shape of what the loss sees, the batch first. */
  Shape logitsShape();

  /**
   * Begins a step, whose samples come in one or several runs.
   *
   * @param rate the learning rate
   */
  void begin(float rate);

  /**
   * Takes in what the cut and the targets hold.
   *
   * @param share of the step that this run is, all together 1
   * @param clip the greatest norm of gradients that are taken in together
   * @return the loss; NaN if it or a gradient is not finite: then the step is to be given up
   */
  double run(float share, float clip);

  /** Ends a step: what has not moved yet moves. */
  void finish();

  /** What the model would store now, by initializer. */
  Map<String, Tensor> learned();

  /** Copies of all learned arrays. */
  List<float[]> snapshot();

  /** Puts back what {@link #snapshot} gave, and forgets the optimizer's past. */
  void restore(List<float[]> snapshot);

  @Override
  void close();
}
