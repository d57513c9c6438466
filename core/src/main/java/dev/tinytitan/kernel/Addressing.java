package dev.tinytitan.kernel;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import java.util.Optional;

/** Where the elements of tensors lie in their arrays. */
final class Addressing {
  private Addressing() {}

  /** True if a tensor of this shape lies channels last in this layout. */
  static boolean isChannelsLast(Shape shape, Layout layout) {
    return layout.isChannelsLast() && shape.rank() >= 3;
  }

  /** How far neighbours along each logical dimension lie apart in the array. */
  static int[] strides(Shape shape, Layout layout) {
    if (!isChannelsLast(shape, layout)) {
      return shape.strides();
    }
    int[] strides = new int[shape.rank()];
    strides[1] = 1;
    int stride = shape.dim(1);
    for (int axis = shape.rank() - 1; axis >= 2; axis--) {
      strides[axis] = stride;
      stride *= shape.dim(axis);
    }
    strides[0] = stride;
    return strides;
  }

  /** The logical dimensions in the order in which they lie in the array, outermost first. */
  static int[] order(Shape shape, Layout layout) {
    int[] order = new int[shape.rank()];
    boolean channelsLast = isChannelsLast(shape, layout);
    for (int i = 0; i < order.length; i++) {
      order[i] = !channelsLast || i == 0 ? i : i == order.length - 1 ? 1 : i + 1;
    }
    return order;
  }

  /** The strides of an input, which lies row-major if it is constant. */
  static int[] inputStrides(KernelRequest request, int index) {
    return strides(
        request.inputShape(index), request.isConstant(index) ? Layout.ROW_MAJOR : request.layout());
  }

  /**
   * Strides for each dimension of {@code result}, 0 where the input is repeated.
   *
   * @param own the input's own strides
   */
  static int[] broadcast(Shape input, int[] own, Shape result) {
    int[] strides = new int[result.rank()];
    int shift = result.rank() - input.rank();
    for (int i = 0; i < input.rank(); i++) {
      strides[i + shift] = input.dim(i) == 1 ? 0 : own[i];
    }
    return strides;
  }

  /** Why inputs of different ranks cannot be broadcast in a layout; empty if they can. */
  static Optional<String> refusesRanks(KernelRequest request) {
    int rank = request.outputShape(0).rank();
    for (int i = 0; i < request.inputs().size(); i++) {
      Optional<TensorType> input = request.inputs().get(i);
      if (request.layout().isChannelsLast()
          && input.isPresent()
          && !request.isConstant(i)
          && input.get().rank() >= 3
          && input.get().rank() != rank) {
        return Optional.of("feature maps of different ranks");
      }
    }
    return Optional.empty();
  }
}
