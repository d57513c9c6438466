package dev.tinytitan.compress.quantize;

import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.internal.WeightSlot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
      List<WeightSlot> layers, ToLongFunction<Map<String, Integer>> fileBytes, Progress progress) {
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
    List<List<BitAllocation.Form>> sizes = forms(all, (slot, bits) -> 0, 0);
    long least = smallest(sizes);
    long others = all - layers.stream().mapToLong(slot -> slot.weights().size()).sum();
    if (others + least > most) {
      throw new OverBudgetException(
          "Even with the fewest bits for all layers the file has "
              + (others + least)
              + " bytes, over the "
              + most
              + " allowed: allow more, or prune first.");
    }
    List<List<BitAllocation.Form>> forms = forms(all, sensitivity, before);
    long budget = most - others;
    // What layers have in common, such as a newer opset, makes some bytes more or fewer.
    while (true) {
      Map<String, Integer> bits =
          bits(BitAllocation.choose(forms, budget).orElseGet(() -> smallestForms(forms)));
      long bytes = fileBytes.applyAsLong(bits);
      if (bytes <= most || budget < least) {
        return bits;
      }
      budget -= bytes - most;
    }
  }

  private static List<BitAllocation.Form> smallestForms(List<List<BitAllocation.Form>> forms) {
    return forms.stream()
        .map(own -> Collections.min(own, Comparator.comparingLong(BitAllocation.Form::bytes)))
        .toList();
  }

  private static long smallest(List<List<BitAllocation.Form>> forms) {
    return smallestForms(forms).stream().mapToLong(BitAllocation.Form::bytes).sum();
  }

  /**
   * The forms of each layer, with what each makes of the file's size.
   *
   * @param all bytes of the file with all layers in 8 bits
   */
  private List<List<BitAllocation.Form>> forms(long all, Sensitivity sensitivity, double before) {
    List<List<BitAllocation.Form>> forms = new ArrayList<>();
    for (WeightSlot slot : layers) {
      List<BitAllocation.Form> own = new ArrayList<>();
      double worst = 0;
      for (int bits : BITS) {
        // More noise in fewer bits: where samples say otherwise, that is luck.
        worst = bits == 8 ? 0 : Math.max(worst, sensitivity.noise(slot, bits) - before);
        own.add(new BitAllocation.Form(bits, bytes(slot, bits, all), worst));
      }
      forms.add(own);
      progress.report("measure layers", forms.size(), layers.size());
    }
    return forms;
  }

  /** What a layer takes of the file, its weights in 8 bits counted as they are. */
  private long bytes(WeightSlot slot, int bits, long all) {
    long change = bits == 8 ? 0 : fileBytes.applyAsLong(Map.of(slot.node().name(), bits)) - all;
    return Math.max(0, slot.weights().size() + change);
  }

  private Map<String, Integer> bits(List<BitAllocation.Form> chosen) {
    Map<String, Integer> bits = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      bits.put(layers.get(i).node().name(), chosen.get(i).bits());
    }
    return bits;
  }
}
