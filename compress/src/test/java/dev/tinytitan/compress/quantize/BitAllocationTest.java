package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.compress.quantize.BitAllocation.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BitAllocationTest {

  private static List<List<Form>> layers(int count, long seed) {
    Random random = new Random(seed);
    List<List<Form>> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int size = 10 + random.nextInt(90);
      double four = random.nextDouble();
      layers.add(
          List.of(
              new Form(8, 4L * size, 0),
              new Form(4, 2L * size, four),
              new Form(2, size, four + 5 * random.nextDouble())));
    }
    return layers;
  }

  private static double error(List<Form> forms) {
    return forms.stream().mapToDouble(Form::error).sum();
  }

  private static long bytes(List<Form> forms) {
    return forms.stream().mapToLong(Form::bytes).sum();
  }

  private static double best(List<List<Form>> layers, int at, long left) {
    if (at == layers.size()) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (Form form : layers.get(at)) {
      if (form.bytes() <= left) {
        best = Math.min(best, form.error() + best(layers, at + 1, left - form.bytes()));
      }
    }
    return best;
  }

  @Test
  void noChoiceWithinTheBudgetIsBetter() {
    for (int seed = 0; seed < 20; seed++) {
      List<List<Form>> layers = layers(7, seed);
      long all = layers.stream().mapToLong(forms -> forms.get(0).bytes()).sum();
      for (long budget = all / 4 + 7; budget <= all; budget += all / 9) {
        List<Form> chosen = BitAllocation.choose(layers, budget).orElseThrow();
        assertThat(bytes(chosen)).isLessThanOrEqualTo(budget);
        assertThat(error(chosen)).isCloseTo(best(layers, 0, budget), within(1e-12));
      }
    }
  }

  @Test
  void largeBudgetsAreCountedInPartsAndStillHeld() {
    List<List<Form>> layers =
        layers(9, 3).stream()
            .map(forms ->
                forms.stream()
                    .map(form -> new Form(form.bits(), form.bytes() * 1_000_003, form.error()))
                    .toList())
            .toList();
    long all = layers.stream().mapToLong(forms -> forms.get(0).bytes()).sum();
    List<Form> chosen = BitAllocation.choose(layers, all / 2).orElseThrow();
    assertThat(bytes(chosen)).isBetween(all * 2 / 5, all / 2);
  }

  @Test
  void whatDoesNotFitIsSaid() {
    List<List<Form>> layers = layers(4, 1);
    long least = layers.stream().mapToLong(forms -> forms.get(2).bytes()).sum();
    assertThat(BitAllocation.choose(layers, least)).isPresent();
    assertThat(BitAllocation.choose(layers, least - 1)).isEmpty();
    assertThat(BitAllocation.choose(layers, -5)).isEmpty();
    assertThat(BitAllocation.choose(List.of(), 0)).contains(List.of());
  }
}
