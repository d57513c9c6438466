package dev.tinytitan.compress.internal;

import dev.tinytitan.BadDataException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of nodes, and patterns of names. */
public final class Exclusion {
  private Exclusion() {}

  /**
   * The names of all nodes that are named or match.
   *
   * @param patterns names, or patterns with {@code *} (any characters) and {@code ?} (any one)
   * @throws BadDataException if one matches no node
   */
  public static Set<String> names(Graph graph, List<String> patterns) {
    Set<String> names = new LinkedHashSet<>();
    for (String text : patterns) {
      Pattern pattern = compile(text);
      boolean known = false;
      for (Node node : graph.nodes()) {
        if (pattern.matcher(node.name()).matches()) {
          names.add(node.name());
          known = true;
        }
      }
      if (!known) {
        throw new BadDataException(
            "No node of the model is named '"
                + text
                + "': inspect the model for the names of its nodes; * and ? stand for any"
                + " characters and any one.");
      }
    }
    return names;
  }

  private static Pattern compile(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      regex.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
