package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * An equation of Einstein's summation convention, such as {@code bij,bjk->bik}: a label for each
 * dimension of each operand and of the result. An ellipsis stands for any leading dimensions, which
 * are broadcast; without an arrow, the result has the ellipsis and all labels that appear once, in
 * alphabetical order.
 *
 * @param operands labels of each operand, an ellipsis as one {@code '.'}
 * @param result labels of the result, an ellipsis as one {@code '.'}
 */
record EinsumEquation(List<String> operands, String result) {

  EinsumEquation {
    operands = List.copyOf(operands);
  }

  /**
   * Reads an equation.
   *
   * @throws MalformedModelException if it is none
   */
  static EinsumEquation parse(String equation) {
    if (equation.replace("...", "").contains(".")) {
      throw malformed(equation);
    }
    String text = equation.replace(" ", "").replace("...", ".");
    int arrow = text.indexOf("->");
    String left = arrow < 0 ? text : text.substring(0, arrow);
    List<String> operands = List.of(left.split(",", -1));
    String result = arrow < 0 ? implicitResult(left) : text.substring(arrow + 2);
    for (String term : operands) {
      check(term, equation);
    }
    check(result, equation);
    for (int i = 0; i < result.length(); i++) {
      char label = result.charAt(i);
      if (result.indexOf(label) != i || (label != '.' && left.indexOf(label) < 0)) {
        throw malformed(equation);
      }
    }
    return new EinsumEquation(operands, result);
  }

  private static String implicitResult(String left) {
    StringBuilder once = new StringBuilder();
    left.chars()
        .sorted()
        .filter(
            label -> Character.isLetter(label) && left.indexOf(label) == left.lastIndexOf(label))
        .forEach(label -> once.append((char) label));
    return (left.contains(".") ? "." : "") + once;
  }

  private static void check(String term, String equation) {
    boolean letters = term.chars().allMatch(c -> c == '.' || (c < 128 && Character.isLetter(c)));
    if (!letters || term.indexOf('.') != term.lastIndexOf('.')) {
      throw malformed(equation);
    }
  }

  private static MalformedModelException malformed(String equation) {
    return new MalformedModelException("'" + equation + "' is no equation for Einsum.");
  }

  /**
   * Labels of each operand's dimensions and, last, of the result's, given the operands' ranks. The
   * dimensions of an ellipsis are labelled beyond the letters, counted from the last.
   *
   * @throws ShapeMismatchException if the ranks do not fit
   */
  List<String> labels(List<Integer> ranks) {
    if (ranks.size() != operands.size()) {
      throw new ShapeMismatchException(
          "The equation has "
              + operands.size()
              + " operands, but "
              + ranks.size()
              + " inputs are given.");
    }
    List<String> labels = new ArrayList<>();
    int widest = 0;
    for (int i = 0; i < operands.size(); i++) {
      String term = operands.get(i);
      int named = term.contains(".") ? term.length() - 1 : term.length();
      int covered = ranks.get(i) - named;
      if (covered < 0 || (covered > 0 && !term.contains("."))) {
        throw new ShapeMismatchException(
            "Labels '" + term + "' do not fit an input of " + ranks.get(i) + " dimensions.");
      }
      widest = Math.max(widest, covered);
      labels.add(term.replace(".", ellipsis(covered)));
    }
    labels.add(result.replace(".", ellipsis(widest)));
    return labels;
  }

  /** Labels outside the letters, so that the last dimensions of all ellipses have the same. */
  private static String ellipsis(int dimensions) {
    StringBuilder labels = new StringBuilder();
    for (int i = dimensions - 1; i >= 0; i--) {
      labels.append((char) (0x100 + i));
    }
    return labels.toString();
  }

  /** The same labels with letters that are free for those of ellipses. */
  static List<String> lettered(List<String> labels) {
    List<String> result = new ArrayList<>(labels);
    Set<Character> taken = new TreeSet<>();
    labels.forEach(term -> term.chars().forEach(label -> taken.add((char) label)));
    char free = 'A';
    for (char label : List.copyOf(taken)) {
      if (label < 128) {
        continue;
      }
      while (!taken.add(free)) {
        free = free == 'Z' ? 'a' : (char) (free + 1);
      }
      char letter = free;
      result.replaceAll(term -> term.replace(label, letter));
    }
    return result;
  }

  /** All labels: the result's in order, then the others, which are summed over. */
  static String loopOrder(List<String> labels) {
    StringBuilder order = new StringBuilder(labels.get(labels.size() - 1));
    Set<Character> rest = new TreeSet<>();
    for (String term : labels) {
      for (int i = 0; i < term.length(); i++) {
        if (order.indexOf(term.substring(i, i + 1)) < 0) {
          rest.add(term.charAt(i));
        }
      }
    }
    rest.forEach(order::append);
    return order.toString();
  }
}
