package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a scheme stores weights. Remembers what it has quantized, so that trying a graph with other
 * exclusions costs little. Not thread-safe.
 */
final class WeightFormat {
  /** Weights with fewer elements gain nothing: scales and nodes would outweigh it. */
  private static final int FEWEST = 256;

  /** Blocks shorter than this would spend more on scales than on weights. */
  private static final int SHORTEST_BLOCK = 16;

  /**
   * What is stored how.
   *
   * @param blockSize of blocks of uint4 along the inner axis, for weights that are dequantized
   *     while running; 0 for int8 per channel
   * @param clusters values in the codebook of each constant; 0 for no codebooks
   * @param importance for activations of which it is known: the mean square of each channel
   * @param bits of the weights of integer products
   * @param layerBits the same for single nodes, by name
   * @param learned weights that were rounded otherwise than to the nearest level, by constant
   */
  private record Rules(
      int blockSize,
      int clusters,
      Map<String, float[]> importance,
      int bits,
      Map<String, Integer> layerBits,
      Map<String, StoredWeights> learned) {}

  /** A way to quantize a tensor. */
  private record Form(int axis, int bits, boolean inBlocks) {}

  private final Rules rules;
  private final Set<String> exceptions;
  private final @Nullable WeightFormat exceptional;
  private final Map<Tensor, Map<Form, StoredWeights>> done;

  private WeightFormat(
      Rules rules,
      Map<Tensor, Map<Form, StoredWeights>> done,
      Set<String> exceptions,
      @Nullable WeightFormat exceptional) {
    this.rules = rules;
    this.done = done;
    this.exceptions = exceptions;
    this.exceptional = exceptional;
  }

  private static WeightFormat of(Rules rules) {
    return new WeightFormat(rules, new IdentityHashMap<>(), Set.of(), null);
  }

  /** Int8, one scale per output channel. */
  static WeightFormat int8() {
    return integers(8);
  }

  /**
   * Integer products' weights in so many bits, all others in int8; one scale per output channel.
   */
  static WeightFormat integers(int bits) {
    return of(new Rules(0, 0, Map.of(), bits, Map.of(), Map.of()));
  }

  /**
   * Uint4 in blocks; int8 where the inner dimension is too short for blocks.
   *
   * @param importance for activations of which it is known: the mean square of each channel
   */
  static WeightFormat int4(int blockSize, Map<String, float[]> importance) {
    return of(new Rules(blockSize, 0, importance, 8, Map.of(), Map.of()));
  }

  /**
   * Indices into a codebook for each constant.
   *
   * @param clusters values in a codebook
   * @param importance for activations of which it is known: the mean square of each channel
   */
  static WeightFormat clusters(int clusters, Map<String, float[]> importance) {
    return of(new Rules(0, clusters, importance, 8, Map.of(), Map.of()));
  }

  /** This format for all nodes but some, by name, which have another. */
  WeightFormat except(Set<String> nodes, WeightFormat other) {
    return new WeightFormat(rules, done, nodes, other);
  }

  /** This format with bits of their own for the integer products of some nodes, by name. */
  WeightFormat withBits(Map<String, Integer> layerBits) {
    return with(
        new Rules(
            rules.blockSize(),
            rules.clusters(),
            rules.importance(),
            rules.bits(),
            Map.copyOf(layerBits),
            rules.learned()));
  }

  /** This format with one more constant that was rounded otherwise than to the nearest level. */
  WeightFormat withLearned(String constant, StoredWeights weights) {
    Map<String, StoredWeights> learned = new LinkedHashMap<>(rules.learned());
    learned.put(constant, weights);
    return with(
        new Rules(
            rules.blockSize(),
            rules.clusters(),
            rules.importance(),
            rules.bits(),
            rules.layerBits(),
            learned));
  }

  private WeightFormat with(Rules other) {
    return new WeightFormat(other, done, exceptions, exceptional);
  }

  /**
   * True if the weights of an integer product are enough for fewer bits than 8 to gain anything.
   */
  static boolean mayBePacked(WeightSlot slot) {
    return slot.weights().size() >= FEWEST;
  }

  /** The bits of the weights of an integer product. */
  int bits(WeightSlot slot) {
    return !mayBePacked(slot)
        ? 8
        : rules.layerBits().getOrDefault(slot.node().name(), rules.bits());
  }

  /** The weights of a product that runs in integers. */
  ChannelQuantized integer(WeightSlot slot) {
    return rules.learned().get(slot.constant()) instanceof ChannelQuantized learned
        ? learned
        : (ChannelQuantized) nearest(slot, integerForm(slot));
  }

  /** The weights in fewer bits, dequantized while running; empty if they stay as they are. */
  Optional<StoredWeights> quantize(WeightSlot slot) {
    if (exceptional != null && exceptions.contains(slot.node().name())) {
      return exceptional.quantize(slot);
    }
    StoredWeights learned = rules.learned().get(slot.constant());
    return learned != null
        ? Optional.of(learned)
        : storageForm(slot).map(form -> nearest(slot, form));
  }

  /**
   * Other weights in the place of a product's, to the nearest level each.
   *
   * @param inIntegers whether the product runs in integers
   * @param importance how much a squared error counts, for each output channel in the order of its
   *     weights
   * @return empty if the product's weights stay as they are
   */
  Optional<GridWeights> nearest(
      WeightSlot slot, boolean inIntegers, Tensor weights, double[][] importance) {
    Optional<Form> form = inIntegers ? Optional.of(integerForm(slot)) : storageForm(slot);
    return form.map(known -> onGrid(slot, weights, known, importance));
  }

  private Form integerForm(WeightSlot slot) {
    return new Form(slot.outputAxis(), bits(slot), false);
  }

  private Optional<Form> storageForm(WeightSlot slot) {
    if (slot.weights().size() < FEWEST) {
      return Optional.empty();
    }
    boolean inBlocks =
        rules.blockSize() > 0 && slot.weights().shape().dim(slot.innerAxis()) >= SHORTEST_BLOCK;
    return Optional.of(
        inBlocks ? new Form(slot.innerAxis(), 4, true) : new Form(slot.outputAxis(), 8, false));
  }

  private StoredWeights nearest(WeightSlot slot, Form form) {
    return done.computeIfAbsent(slot.weights(), key -> new HashMap<>())
        .computeIfAbsent(
            form,
            key ->
                rules.clusters() > 0
                    ? Clustered.of(slot.weights(), rules.clusters(), elementImportance(slot))
                    : onGrid(slot, slot.weights(), key, null));
  }

  private float @Nullable [] elementImportance(WeightSlot slot) {
    float[] channels = rules.importance().get(slot.activation());
    if (channels == null || slot.isTable()) {
      return null;
    }
    float[] importance = new float[slot.weights().size()];
    for (int i = 0; i < importance.length; i++) {
      importance[i] = channels[slot.inputChannel(i)];
    }
    return importance;
  }

  private GridWeights onGrid(
      WeightSlot slot, Tensor weights, Form form, double @Nullable [][] importance) {
    return form.inBlocks()
        ? BlockQuantized.quantize(
            weights, form.axis(), rules.blockSize(), rules.importance().get(slot.activation()))
        : ChannelQuantized.quantize(weights, form.axis(), form.bits(), importance);
  }
}
