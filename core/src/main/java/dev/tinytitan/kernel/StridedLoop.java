package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * The loops over a box of elements that several tensors hold at different distances: as few and as
 * long inner loops as the distances allow, and where each begins. Immutable.
 */
final class StridedLoop {
  private final int length;
  private final int count;
  private final int[] innerStrides;
  private final int[][] offsets;

  /**
   * @param dims the sizes of the box, outermost first
   * @param strides for each tensor, how far a step along each dimension moves
   */
  StridedLoop(int[] dims, int[]... strides) {
    List<Integer> axes = new ArrayList<>();
    int[] size = dims.clone();
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims[axis] == 1) {
        continue;
      }
      int last = axes.isEmpty() ? -1 : axes.get(axes.size() - 1);
      if (last >= 0 && isContinued(strides, last, axis, dims[axis])) {
        size[axis] *= size[last];
        axes.set(axes.size() - 1, axis);
      } else {
        axes.add(axis);
      }
    }
    int inner = axes.isEmpty() ? -1 : axes.get(axes.size() - 1);
    this.length = inner < 0 ? 1 : size[inner];
    this.innerStrides = new int[strides.length];
    int loops = 1;
    for (int i = 0; i + 1 < axes.size(); i++) {
      loops *= size[axes.get(i)];
    }
    for (int dim : dims) {
      loops = dim == 0 ? 0 : loops;
    }
    this.count = loops;
    this.offsets = new int[strides.length][loops];
    for (int tensor = 0; tensor < strides.length; tensor++) {
      innerStrides[tensor] = inner < 0 ? 1 : strides[tensor][inner];
      fill(offsets[tensor], axes, size, strides[tensor]);
    }
  }

  /** True if a step along {@code outer} is {@code size} steps along {@code inner}, everywhere. */
  private static boolean isContinued(int[][] strides, int outer, int inner, int size) {
    for (int[] each : strides) {
      if (each[outer] != each[inner] * size) {
        return false;
      }
    }
    return true;
  }

  private static void fill(int[] offsets, List<Integer> axes, int[] size, int[] strides) {
    int[] counter = new int[axes.size()];
    int at = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = at;
      for (int axis = axes.size() - 2; axis >= 0; axis--) {
        int dim = axes.get(axis);
        at += strides[dim];
        if (++counter[axis] < size[dim]) {
          break;
        }
        at -= strides[dim] * size[dim];
        counter[axis] = 0;
      }
    }
  }

  /** Elements of each inner loop. */
  int length() {
    return length;
  }

  /** How many inner loops there are. */
  int count() {
    return count;
  }

  /** How far a step of the inner loop moves in a tensor. */
  int stride(int tensor) {
    return innerStrides[tensor];
  }

  /** Where each inner loop begins in a tensor. */
  int[] offsets(int tensor) {
    return offsets[tensor];
  }
}
