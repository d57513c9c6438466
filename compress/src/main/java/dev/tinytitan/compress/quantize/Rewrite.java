package dev.tinytitan.compress.quantize;

import dev.tinytitan.ir.Graph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A graph after quantization.
 *
 * @param outputs for each quantized node, by name: the value of the old graph that is its result,
 *     and the value of the new one that stands for it
 */
record Rewrite(Graph graph, Map<String, Result> outputs) {

  /** The same result before and after. */
  record Result(String before, String after) {}

  Rewrite {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }
}
