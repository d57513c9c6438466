package dev.tinytitan.cli.bench;

import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Another inference engine to measure against; found with {@link java.util.ServiceLoader}. The
 * bench module brings some; without it there are none.
 */
public interface Peer {

  /** What users select it by, such as {@code onnxruntime}. */
  String name();

  /** Why it cannot run a model, in one sentence; empty if nothing speaks against it. */
  Optional<String> problem(Path model);

  /**
   * Opens a model that it has no {@link #problem} with.
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
