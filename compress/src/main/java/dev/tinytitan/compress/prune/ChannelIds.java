package dev.tinytitan.compress.prune;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Classes of places along axes that can only be removed together: a union-find forest. A class may
 * be fixed, for a reason: then none of its places can go. Not thread-safe.
 */
final class ChannelIds {
  private int[] parents = new int[1024];
  private int count;
  private final Map<Integer, String> reasons = new HashMap<>();

  /** {@code size} new classes of one place each. */
  int[] fresh(int size) {
    int[] ids = new int[size];
    if (count + size > parents.length) {
      parents = Arrays.copyOf(parents, Math.max(parents.length * 2, count + size));
    }
    for (int i = 0; i < size; i++) {
      ids[i] = count;
      parents[count] = count++;
    }
    return ids;
  }

  /** The class that a place is in now. */
  int find(int id) {
    int root = id;
    while (parents[root] != root) {
      root = parents[root];
    }
    for (int at = id; parents[at] != root; ) {
      int next = parents[at];
      parents[at] = root;
      at = next;
    }
    return root;
  }

  /** Two places go together from now on. */
  void union(int left, int right) {
    int a = find(left);
    int b = find(right);
    if (a == b) {
      return;
    }
    // The older one stays, so that the same graph always gives the same classes.
    int root = Math.min(a, b);
    int other = Math.max(a, b);
    parents[other] = root;
    String reason = reasons.remove(other);
    if (reason != null) {
      reasons.putIfAbsent(root, reason);
    }
  }

  /** Place by place. */
  void union(int[] left, int[] right) {
    for (int i = 0; i < left.length; i++) {
      union(left[i], right[i]);
    }
  }

  /** All places of an axis stay; the first reason given for a class counts. */
  void fix(int[] ids, String reason) {
    for (int id : ids) {
      reasons.putIfAbsent(find(id), reason);
    }
  }

  /** True if the place cannot go. */
  boolean isFixed(int id) {
    return reasons.containsKey(find(id));
  }

  /** True if a place of the axis cannot go. */
  boolean isAnyFixed(int[] ids) {
    return Arrays.stream(ids).anyMatch(this::isFixed);
  }

  /** Why a fixed place cannot go. */
  String reason(int id) {
    return Objects.requireNonNull(reasons.get(find(id)));
  }
}
