package dev.tinytitan.edge.elastic;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One width of an elastic model.
 *
 * @param keep how many channels of each group stay, the first ones; groups are those of {@code
 *     DependencyGraph}
 * @param values what is this width's own, by initializer: scales, shifts and statistics of
 *     normalizations; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Maps of arrays; never compared.
public record WidthSlice(Map<String, Integer> keep, Map<String, float[]> values) {
  public WidthSlice {
    keep = Collections.unmodifiableMap(new TreeMap<>(keep));
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }
}
