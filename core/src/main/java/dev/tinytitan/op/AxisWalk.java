package dev.tinytitan.op;

import dev.tinytitan.tensor.Shape;

/** Visits every line of a tensor along one axis. */
final class AxisWalk {
  private AxisWalk() {}

  /** One line: elements {@code start + i * stride} for {@code i} below {@code length}. */
  @FunctionalInterface
  interface Line {
    void visit(int start, int stride, int length);
  }

  /** Visits the lines along {@code axis} (counted from the front) in row-major order. */
  static void forEach(Shape shape, int axis, Line line) {
    int length = shape.dim(axis);
    int stride = shape.sizeBetween(axis + 1, shape.rank());
    int outer = shape.sizeBetween(0, axis);
    for (int i = 0; i < outer; i++) {
      for (int j = 0; j < stride; j++) {
        line.visit(i * length * stride + j, stride, length);
      }
    }
  }
}
