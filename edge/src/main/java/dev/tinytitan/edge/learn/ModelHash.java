package dev.tinytitan.edge.learn;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.TreeMap;

/**
 * SHA-256 of what a model was trained to: the names of its inputs and outputs, and name, element
 * type, shape and bytes of each constant, sorted by name. The same for every file that holds the
 * model, whatever wrote it.
 */
final class ModelHash {
  static final int BYTES = 32;

  private ModelHash() {}

  static byte[] of(Model model) {
    MessageDigest digest = sha256();
    model.inputs().stream().map(Value::name).forEach(name -> add(digest, "input " + name));
    model.outputs().stream().map(Value::name).forEach(name -> add(digest, "output " + name));
    new TreeMap<>(model.graph().initializers())
        .forEach((name, tensor) -> {
          add(digest, name + " " + tensor.dtype().label() + tensor.shape());
          if (tensor.dtype() == DType.STRING) {
            for (int i = 0; i < tensor.size(); i++) {
              add(digest, tensor.getString(i));
            }
          } else {
            digest.update(tensor.rawBytes());
          }
        });
    return digest.digest();
  }

  /** Of a tensor's bytes. */
  static byte[] of(Tensor tensor) {
    MessageDigest digest = sha256();
    digest.update(tensor.rawBytes());
    return digest.digest();
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException("every Java platform has SHA-256", error);
    }
  }
}
