package dev.tinytitan.compress.prune;

import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Reshaping. Axes fall into blocks of equal size on both sides. A block of one axis on each side is
 * the same axis; where several become one, or one several, one of the several carries the classes
 * and the others stay.
 */
final class ViewRules {
  private ViewRules() {}

  static void apply(NodeTrace node) {
    Shape from = node.shape(0);
    Shape to = node.outShape(0);
    int[][] axes = new int[to.rank()][];
    boolean[] zero = new boolean[to.rank()];
    // What says the target: sizes in it are adjusted when the model is rewritten.
    node.touch(1);
    List<Integer> left = wide(from);
    List<Integer> right = wide(to);
    if (from.size() == 0) {
      node.fixAllBut(0, -1, "is empty, read");
      left = List.of();
      right = List.of();
    }
    for (int i = 0; i < from.rank(); i++) {
      if (!left.contains(i)) {
        node.fix(node.in(0, i), "is of size one, reshaped");
      }
    }
    int i = 0;
    int j = 0;
    while (i < left.size() && j < right.size()) {
      int firstLeft = i;
      int firstRight = j;
      long a = from.dim(left.get(i++));
      long b = to.dim(right.get(j++));
      while (a != b) {
        if (a < b) {
          a *= from.dim(left.get(i++));
        } else {
          b *= to.dim(right.get(j++));
        }
      }
      block(node, left.subList(firstLeft, i), right.subList(firstRight, j), to, axes, zero);
    }
    for (int axis = 0; axis < axes.length; axis++) {
      if (axes[axis] == null) {
        axes[axis] = node.fixed(to.dim(axis), "is of size one, made");
      }
    }
    node.out(0, axes, zero);
  }

  /** Axes that are not of size one. */
  private static List<Integer> wide(Shape shape) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.dim(axis) != 1) {
        axes.add(axis);
      }
    }
    return axes;
  }

  private static void block(
      NodeTrace node,
      List<Integer> left,
      List<Integer> right,
      Shape to,
      int[][] axes,
      boolean[] zero) {
    if (left.size() == 1 && right.size() == 1) {
      axes[right.get(0)] = node.in(0, left.get(0));
      zero[right.get(0)] = node.isZero(0, left.get(0));
    } else if (right.size() == 1) {
      int[][] parts = new int[left.size()][];
      Arrays.setAll(parts, i -> node.in(0, left.get(i)));
      int carrier = node.carrier(parts);
      axes[right.get(0)] = merge(node, parts, carrier);
      zero[right.get(0)] = carrier >= 0 && node.isZero(0, left.get(carrier));
    } else if (left.size() == 1) {
      int[][] parts = new int[right.size()][];
      Arrays.setAll(parts, i -> node.ids().fresh(to.dim(right.get(i))));
      int carrier = node.carrier(parts);
      split(node, node.in(0, left.get(0)), parts, carrier);
      for (int i = 0; i < parts.length; i++) {
        axes[right.get(i)] = parts[i];
        zero[right.get(i)] = i == carrier && node.isZero(0, left.get(0));
      }
    } else {
      left.forEach(axis -> node.fix(node.in(0, axis), "is reshaped into others"));
      for (int axis : right) {
        axes[axis] = node.fixed(to.dim(axis), "is reshaped from others");
      }
    }
  }

  private static int[] merge(NodeTrace node, int[][] parts, int carrier) {
    int size = 1;
    for (int[] part : parts) {
      size *= part.length;
    }
    if (carrier == ChannelTrace.UNDECIDED) {
      return node.ids().fresh(size);
    }
    fixOthers(node, parts, carrier, "is made one axis with others");
    if (carrier == ChannelTrace.NONE) {
      return node.fixed(size, "is made of axes of which none can go");
    }
    int[] merged = new int[size];
    for (int i = 0; i < size; i++) {
      merged[i] = parts[carrier][coordinate(parts, carrier, i)];
    }
    return merged;
  }

  private static void split(NodeTrace node, int[] whole, int[][] parts, int carrier) {
    if (carrier == ChannelTrace.UNDECIDED) {
      return;
    }
    fixOthers(node, parts, carrier, "is one of the axes made of one");
    if (carrier == ChannelTrace.NONE) {
      node.fix(whole, "is reshaped into axes of which none can go");
      return;
    }
    for (int i = 0; i < whole.length; i++) {
      node.ids().union(parts[carrier][coordinate(parts, carrier, i)], whole[i]);
    }
  }

  private static void fixOthers(NodeTrace node, int[][] parts, int carrier, String reason) {
    for (int i = 0; i < parts.length; i++) {
      if (i != carrier) {
        node.fix(Objects.requireNonNull(parts[i]), reason);
      }
    }
  }

  /** Where place {@code index} of all parts together lies along one of them. */
  private static int coordinate(int[][] parts, int part, int index) {
    int inner = 1;
    for (int i = part + 1; i < parts.length; i++) {
      inner *= parts[i].length;
    }
    return index / inner % parts[part].length;
  }
}
