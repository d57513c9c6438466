package dev.tinytitan.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model file says about itself beside its graph.
 *
 * @param irVersion version of the file format
 * @param opset opset of ONNX's own domain that the file was written in
 * @param otherOpsets opsets of further domains, by domain
 * @param producerName the tool that wrote the file
 * @param producerVersion that tool's version
 * @param domain the model's own domain, reverse-DNS
 * @param modelVersion the model's own version
 * @param doc documentation
 * @param properties further key-value pairs, in order
 */
public record ModelInfo(
    long irVersion,
    int opset,
    Map<String, Integer> otherOpsets,
    String producerName,
    String producerVersion,
    String domain,
    long modelVersion,
    String doc,
    Map<String, String> properties) {

  public ModelInfo {
    otherOpsets = Collections.unmodifiableMap(new LinkedHashMap<>(otherOpsets));
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  /** What a model made here says: this opset, TinyTitan as producer, nothing else. */
  public static ModelInfo of(int opset) {
    return new ModelInfo(10, opset, Map.of(), "TinyTitan", "", "", 0, "", Map.of());
  }

  /** The same with another opset. */
  public ModelInfo withOpset(int other) {
    return new ModelInfo(
        irVersion,
        other,
        otherOpsets,
        producerName,
        producerVersion,
        domain,
        modelVersion,
        doc,
        properties);
  }
}
