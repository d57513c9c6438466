package dev.tinytitan.cli.bench;

import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * Another inference engine to measure against; found with {@link java.util.ServiceLoader}. The
 * bench module brings some; without it there are none.
 */
public interface Peer {

  /** What users select it by, such as {@code onnxruntime}. */
  String name();

  /**
   * Opens a model.
   *
   * @param inputs its inputs, by name; copied
   * @param threads how many threads it may use
   */
  PeerModel open(Path model, Map<String, Tensor> inputs, int threads);

  /** A model open in a peer. */
  interface PeerModel extends Contender {
    /** Runs once and gives the outputs, by name, in new tensors. */
    Map<String, Tensor> outputs();
  }
}
