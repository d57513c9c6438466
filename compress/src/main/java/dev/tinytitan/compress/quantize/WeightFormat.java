package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a scheme stores weights that are dequantized while running. Remembers what it has quantized,
 * so that trying a graph with other exclusions costs little. Not thread-safe.
 */
final class WeightFormat {
  /** Weights with fewer elements stay as they are: scales and nodes would outweigh the gain. */
  private static final int FEWEST = 256;

  /** Blocks shorter than this would spend more on scales than on weights. */
  private static final int SHORTEST_BLOCK = 16;

  private final boolean int4;
  private final Set<String> exceptions;
  private final @Nullable WeightFormat exceptional;
  private final int blockSize;
  private final Map<String, float[]> importance;
  private final Map<Tensor, Map<Integer, StoredWeights>> done;

  private WeightFormat(
      boolean int4,
      int blockSize,
      Map<String, float[]> importance,
      Map<Tensor, Map<Integer, StoredWeights>> done,
      Set<String> exceptions,
      @Nullable WeightFormat exceptional) {
    this.int4 = int4;
    this.blockSize = blockSize;
    this.importance = importance;
    this.done = done;
    this.exceptions = exceptions;
    this.exceptional = exceptional;
  }

  /** Int8, one scale per output channel. */
  static WeightFormat int8() {
    return new WeightFormat(false, 0, Map.of(), new IdentityHashMap<>(), Set.of(), null);
  }

  /**
   * Uint4 in blocks; int8 where the inner dimension is too short for blocks.
   *
   * @param importance for activations of which it is known: the mean square of each channel
   */
  static WeightFormat int4(int blockSize, Map<String, float[]> importance) {
    return new WeightFormat(true, blockSize, importance, new IdentityHashMap<>(), Set.of(), null);
  }

  /** This format for all nodes but some, by name, which have another. */
  WeightFormat except(Set<String> nodes, WeightFormat other) {
    return new WeightFormat(int4, blockSize, importance, done, nodes, other);
  }

  /** The weights in fewer bits; empty if they stay as they are. */
  Optional<StoredWeights> quantize(WeightSlot slot) {
    if (exceptional != null && exceptions.contains(slot.node().name())) {
      return exceptional.quantize(slot);
    }
    if (slot.weights().size() < FEWEST) {
      return Optional.empty();
    }
    boolean inBlocks = int4 && slot.weights().shape().dim(slot.innerAxis()) >= SHORTEST_BLOCK;
    int axis = inBlocks ? slot.innerAxis() : slot.outputAxis();
    return Optional.of(
        done.computeIfAbsent(slot.weights(), key -> new HashMap<>())
            .computeIfAbsent(
                axis,
                key ->
                    inBlocks
                        ? BlockQuantized.quantize(
                            slot.weights(), axis, blockSize, importance.get(slot.activation()))
                        : ChannelQuantized.quantize(slot.weights(), axis)));
  }
}
