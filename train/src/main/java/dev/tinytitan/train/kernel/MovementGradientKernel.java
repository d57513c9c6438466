package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.MovementGradient;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a movement whose indices are constant, as those into a codebook are: where each
 * element comes from is worked out once. Sums are of doubles, in the order of the reference.
 */
final class MovementGradientKernel implements Kernel {
  /** The moved elements, those of one origin next to each other, in ascending order. */
  private final int[] moved;

  /** Where those of each origin begin in {@link #moved}, and where the last ones end. */
  private final int[] begins;

  MovementGradientKernel(KernelRequest request) {
    MovementGradient gradient = request.operator(MovementGradient.class);
    List<@Nullable Tensor> others = new ArrayList<>();
    for (int i = 1; i < request.inputs().size(); i++) {
      others.add(request.constants().get(i).orElse(null));
    }
    int[] origins = gradient.origins(others);
    this.begins = new int[gradient.shape().size() + 1];
    for (int origin : origins) {
      if (origin >= 0) {
        begins[origin + 1]++;
      }
    }
    for (int i = 1; i < begins.length; i++) {
      begins[i] += begins[i - 1];
    }
    this.moved = new int[begins[begins.length - 1]];
    int[] next = begins.clone();
    for (int i = 0; i < origins.length; i++) {
      if (origins[i] >= 0) {
        moved[next[origins[i]]++] = i;
      }
    }
  }

  static Optional<String> refusal(KernelRequest request) {
    if (request.isConstant(0)) {
      return Optional.of("constant gradients");
    }
    for (int i = 1; i < request.inputs().size(); i++) {
      if (request.inputs().get(i).isPresent() && !request.isConstant(i)) {
        return Optional.of("indices that are not constant");
      }
    }
    return Optional.empty();
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofElements(moved.length, 1), begins.length - 1);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] dx = Arrays32.of(outputs[0]);
    int count = begins.length - 1;
    int to = Work.bound(count, 1, part + 1, parts);
    for (int i = Work.bound(count, 1, part, parts); i < to; i++) {
      double sum = 0;
      for (int j = begins[i]; j < begins[i + 1]; j++) {
        sum += dy[moved[j]];
      }
      dx[i] = (float) sum;
    }
  }
}
