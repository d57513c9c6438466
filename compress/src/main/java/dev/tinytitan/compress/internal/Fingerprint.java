package dev.tinytitan.compress.internal;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/** SHA-256 of models and data, so that a result says what it was made from. Not thread-safe. */
public final class Fingerprint {
  private final MessageDigest digest;

  private Fingerprint() {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException("every Java platform has SHA-256", error);
    }
  }

  /** Of a graph: its structure and all constants. */
  public static String of(Graph graph) {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add(GraphText.of(graph));
    graph.initializers().forEach(fingerprint::add);
    return fingerprint.hex();
  }

  /** Of samples, read once more. */
  public static String of(Samples samples) {
    Fingerprint fingerprint = new Fingerprint();
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      new TreeMap<>(sample.inputs()).forEach(fingerprint::add);
      fingerprint.add(sample.label().toString());
      sample.target().ifPresent(target -> fingerprint.add("target", target));
    }
    return fingerprint.hex();
  }

  private void add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private void add(String name, Tensor tensor) {
    add(name + " " + tensor.dtype() + tensor.shape());
    if (tensor.dtype() == DType.STRING) {
      for (int i = 0; i < tensor.size(); i++) {
        add(tensor.getString(i));
      }
      return;
    }
    digest.update(tensor.rawBytes());
  }

  private String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
