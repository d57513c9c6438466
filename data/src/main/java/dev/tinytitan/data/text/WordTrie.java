package dev.tinytitan.data.text;

import java.util.Arrays;
import java.util.Map;

/**
 * The vocabulary as a prefix tree over UTF-16 units, so that the longest match at a position is
 * found in one walk. Immutable after construction, thread-safe.
 *
 * <p>Edges lie in one open-addressed hash table from (node, unit) to the next node: no object per
 * node, a few megabytes for a vocabulary of 30,000.
 */
final class WordTrie {
  /** The node of the empty prefix. */
  static final int ROOT = 0;

  /** No such node, or no token that ends here. */
  static final int NONE = -1;

  private long[] edges; // node << 16 | unit, plus 1 so that 0 means empty
  private int[] targets;
  private int[] tokens; // token id that ends at a node, or NONE
  private int nodes = 1;
  private int edgeCount;

  WordTrie(Map<String, Integer> vocabulary) {
    edges = new long[1024];
    targets = new int[1024];
    tokens = new int[1024];
    Arrays.fill(tokens, NONE);
    vocabulary.forEach((token, id) -> {
      int node = ROOT;
      for (int i = 0; i < token.length(); i++) {
        node = childOrNew(node, token.charAt(i));
      }
      tokens[node] = id;
    });
  }

  /** The node reached from {@code node} over {@code unit}, or {@link #NONE}. */
  int child(int node, char unit) {
    long key = key(node, unit);
    for (int slot = slot(key); ; slot = (slot + 1) & (edges.length - 1)) {
      if (edges[slot] == key) {
        return targets[slot];
      }
      if (edges[slot] == 0) {
        return NONE;
      }
    }
  }

  /** The node of {@code prefix}, or {@link #NONE} if no token begins with it. */
  int find(String prefix) {
    int node = ROOT;
    for (int i = 0; i < prefix.length() && node != NONE; i++) {
      node = child(node, prefix.charAt(i));
    }
    return node;
  }

  /** The id of the token that ends at {@code node}, or {@link #NONE}. */
  int token(int node) {
    return tokens[node];
  }

  private int childOrNew(int node, char unit) {
    int next = child(node, unit);
    if (next != NONE) {
      return next;
    }
    if (2 * (edgeCount + 1) > edges.length) {
      grow();
    }
    if (nodes == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * nodes);
      Arrays.fill(tokens, nodes, tokens.length, NONE);
    }
    put(key(node, unit), nodes);
    edgeCount++;
    return nodes++;
  }

  private void grow() {
    long[] oldEdges = edges;
    int[] oldTargets = targets;
    edges = new long[2 * oldEdges.length];
    targets = new int[2 * oldEdges.length];
    for (int i = 0; i < oldEdges.length; i++) {
      if (oldEdges[i] != 0) {
        put(oldEdges[i], oldTargets[i]);
      }
    }
  }

  private void put(long key, int target) {
    int slot = slot(key);
    while (edges[slot] != 0) {
      slot = (slot + 1) & (edges.length - 1);
    }
    edges[slot] = key;
    targets[slot] = target;
  }

  private int slot(long key) {
    long hash = key * 0x9E3779B97F4A7C15L;
    return (int) (hash >>> 40) & (edges.length - 1);
  }

  private static long key(int node, char unit) {
    return ((long) node << 16 | unit) + 1;
  }
}
