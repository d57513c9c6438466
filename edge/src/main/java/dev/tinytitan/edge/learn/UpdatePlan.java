package dev.tinytitan.edge.learn;

import java.util.List;

/**
 * What a learner steps and what that takes; known before the first step. Immutable.
 *
 * @param method which part learns; never {@link Method#AUTO}
 * @param batch samples that run at once
 * @param runs how many runs make a step: where memory is for few samples at once, their gradients
 *     are added up
 * @param parts the tensors that learn, in the order of the layers
 * @param parameters how many numbers learn
 * @param memory bytes
 * @param cut the values between the frozen part and the learning one
 * @param latentBytes bytes of a sample as the replay buffer keeps it: at the cut, or at the input
 *     where that takes fewer
 * @param inBytes whether feature maps are kept as the model's own bytes, and each layer moves as
 *     soon as its gradient is there: slower, in much less memory
 * @param stepMillis the time of a step, measured when the plan was made, on one thread
 */
public record UpdatePlan(
    Method method,
    int batch,
    int runs,
    List<Part> parts,
    long parameters,
    MemoryUse memory,
    List<String> cut,
    int latentBytes,
    boolean inBytes,
    double stepMillis) {

  public UpdatePlan {
    parts = List.copyOf(parts);
    cut = List.copyOf(cut);
  }

  /**
   * A tensor that learns.
   *
   * @param tensor the initializer
   * @param what such as {@code all}, {@code 32 of 64 channels} or {@code rank 4}
   * @param learned how many numbers learn
   * @param size how many numbers the tensor has
   */
  public record Part(String tensor, String what, long learned, long size) {}
}
