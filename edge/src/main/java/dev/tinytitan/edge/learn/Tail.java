package dev.tinytitan.edge.learn;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Shape;
import java.util.List;
import java.util.Map;

/**
 * The end of a model that learns, as graphs.
 *
 * @param front from the model's input to the cut: it never changes. Empty of nodes if the cut is
 *     the input itself
 * @param back from the cut to the model's outputs, as deployed
 * @param training from the cut to the loss and the gradients, in floats, for batches. Inputs: the
 *     cut, the targets, what is learned
 * @param cuts the values between front and back
 * @param target the input of {@code training} that takes the targets
 * @param loss the output of {@code training} that holds the loss
 * @param logits the output of {@code training} that holds what the loss sees
 * @param logitsShape its shape, the batch first
 * @param parts what is learned
 * @param gradientOf by cut, the output of {@code training} that holds its gradient; only where that
 *     was asked for
 */
record Tail(
    Graph front,
    Graph back,
    Graph training,
    List<String> cuts,
    String target,
    String loss,
    String logits,
    Shape logitsShape,
    List<Part> parts,
    Map<String, String> gradientOf) {

  /**
   * One array that steps.
   *
   * @param name the input of the training graph
   * @param gradient the output that holds its gradient
   * @param shape of both
   * @param update what it is a part of
   * @param factor which factor it is of a product, 0 or 1, with {@link Update.Form#LOW_RANK}
   * @param rows how many parts have a step size of their own
   */
  record Part(String name, String gradient, Shape shape, Update update, int factor, int rows) {}
}
