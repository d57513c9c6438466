package dev.tinytitan.compress.quantize;

import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.internal.WeightSlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Finds how many bits each layer's weights get within a budget of bytes (Wang et al. 2019; Dong et
 * al. 2019): what each layer in few bits does to the model's outputs is measured, one layer at a
 * time, and the sum of that is made least.
 */
final class MixedPrecision {
  static final List<Integer> BITS = List.of(8, 4, 2);

  /** The noise of the model's outputs, by their signal, with one layer in other bits. */
  interface Sensitivity {
    double noise(WeightSlot slot, int bits);
  }

  private final List<WeightSlot> layers;
  private final ToLongFunction<Map<String, Integer>> fileBytes;
  private final Progress progress;

  /**
   * @param layers that may take fewer than 8 bits
   * @param fileBytes the size of the whole model's file, given bits by node
   */
  MixedPrecision(
      List<WeightSlot> layers,
      ToLongFunction<Map<String, Integer>> fileBytes,
      Progress progress) {
    this.layers = layers;
    this.fileBytes = fileBytes;
    this.progress = progress;
  }

  /**
   * Bits by the name of the node.
   *
   * @param most bytes that the file may have
   * @param before the noise with all layers in 8 bits
   * @throws OverBudgetException if the file is larger even with the fewest bits
   */
  Map<String, Integer> choose(long most, double before, Sensitivity sensitivity) {
    long all = fileBytes.applyAsLong(Map.of());
    if (all <= most) {
      return Map.of();
    }
    long least = fileBytes.applyAsLong(bits(List.of(), BITS.getLast()));
    if (least > most) {
      throw new OverBudgetException(
          "Even with all layers in "
              + BITS.getLast()
              + " bits the file has "
              + least
              + " bytes, over the "
              + most
              + " allowed: allow more, or prune first.");
    }
    List<List<BitAllocation.Form>> forms = forms(before, sensitivity);
    long weights = layers.stream().mapToLong(slot -> slot.weights().size()).sum();
    long budget = most - (all - weights);
    // Names and nodes differ by some bytes from one choice to the next.
    while (true) {
      List<BitAllocation.Form> chosen =
          BitAllocation.choose(forms, budget).orElse(List.of());
      Map<String, Integer> bits = bits(chosen, BITS.getLast());
      long bytes = fileBytes.applyAsLong(bits);
      if (bytes <= most) {
        return bits;
      }
      budget -= bytes - most;
    }
  }

  private List<List<BitAllocation.Form>> forms(double before, Sensitivity sensitivity) {
    List<List<BitAllocation.Form>> forms = new ArrayList<>();
    for (WeightSlot slot : layers) {
      List<BitAllocation.Form> own = new ArrayList<>();
      double worst = 0;
      for (int bits : BITS) {
        // More noise in fewer bits: where samples say otherwise, that is luck.
        worst =
            bits == 8 ? 0 : Math.max(worst, sensitivity.noise(slot, bits) - before);
        own.add(
            new BitAllocation.Form(bits, Math.ceilDiv((long) slot.weights().size() * bits, 8), worst));
      }
      forms.add(own);
      progress.report("measure layers", forms.size(), layers.size());
    }
    return forms;
  }

  private Map<String, Integer> bits(List<BitAllocation.Form> chosen, int otherwise) {
    Map<String, Integer> bits = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      bits.put(
          layers.get(i).node().name(), chosen.isEmpty() ? otherwise : chosen.get(i).bits());
    }
    return bits;
  }
}
