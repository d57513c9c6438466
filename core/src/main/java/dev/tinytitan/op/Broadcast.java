package dev.tinytitan.op;

import dev.tinytitan.tensor.Shape;

/** Walks the elements of a broadcast result in row-major order with the index into each input. */
final class Broadcast {
  private final int[] dims;
  private final int[][] strides;
  private final int[] counter;
  private final int[] index;

  Broadcast(Shape result, Shape... inputs) {
    this.dims = result.toArray();
    this.strides = new int[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      strides[i] = Shapes.broadcastStrides(inputs[i], result);
    }
    this.counter = new int[dims.length];
    this.index = new int[inputs.length];
  }

  /** Flat index into input {@code input} for the current element. */
  int index(int input) {
    return index[input];
  }

  /** Moves to the next element of the result. */
  void next() {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      for (int i = 0; i < index.length; i++) {
        index[i] += strides[i][axis];
      }
      if (++counter[axis] < dims[axis]) {
        return;
      }
      for (int i = 0; i < index.length; i++) {
        index[i] -= strides[i][axis] * dims[axis];
      }
      counter[axis] = 0;
    }
  }
}
