package dev.tinytitan.compress.prune;

import dev.tinytitan.op.Einsum;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Einstein's summation: axes of one label go together. Ellipses are not followed. */
final class EinsumRule {
  private EinsumRule() {}

  static boolean apply(NodeTrace node, Einsum einsum) {
    String equation = einsum.equation().replace(" ", "");
    int arrow = equation.indexOf("->");
    if (equation.contains(".") || arrow < 0) {
      return false;
    }
    List<String> operands = Arrays.asList(equation.substring(0, arrow).split(",", -1));
    String result = equation.substring(arrow + 2);
    Map<Character, int[]> labels = new HashMap<>();
    Map<Character, Boolean> zeros = new HashMap<>();
    Map<Character, Integer> uses = new HashMap<>();
    for (int input = 0; input < operands.size(); input++) {
      String term = operands.get(input);
      for (int axis = 0; axis < term.length(); axis++) {
        char label = term.charAt(axis);
        int[] places = node.in(input, axis);
        int[] before = labels.putIfAbsent(label, places);
        if (before != null) {
          if (before.length != places.length) {
            return false;
          }
          node.ids().union(before, places);
        }
        zeros.merge(label, node.isZero(input, axis), Boolean::logicalOr);
        uses.merge(label, 1, Integer::sum);
      }
    }
    boolean free = operands.size() > 1;
    for (int input = 0; input < operands.size(); input++) {
      free &= !node.isConstant(input);
    }
    int[][] axes = new int[result.length()][];
    boolean[] zero = new boolean[axes.length];
    for (int i = 0; i < axes.length; i++) {
      char label = result.charAt(i);
      axes[i] = labels.get(label);
      zero[i] = zeros.getOrDefault(label, false);
      if (free && uses.getOrDefault(label, 0) > 1) {
        node.markBatched(axes[i]);
      }
    }
    labels.forEach((label, places) -> {
      if (result.indexOf(label) < 0 && !zeros.getOrDefault(label, false)) {
        node.fix(places, "is summed over with values that masking does not make zero,");
      }
    });
    node.out(0, axes, zero);
    return true;
  }
}
