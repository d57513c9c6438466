package dev.tinytitan.examples;

import dev.tinytitan.Binding;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Runs one model many times through a binding, which allocates nothing per run. */
public final class HotLoop {
  private static final int FRAMES = 100_000;

  private HotLoop() {}

  /** Classifies frames of random colors and prints how many of each color there were. */
  public static void main(String[] args) {
    try (Session session = ColorModel.build().open()) {
      long start = System.nanoTime();
      Map<String, Integer> counts = count(session, FRAMES);
      long nanos = System.nanoTime() - start;
      System.out.println(counts);
      System.out.printf("%.2f µs per frame%n", nanos / 1e3 / FRAMES);
    }
  }

  static Map<String, Integer> count(Session session, int frames) {
    Random random = new Random(1);
    Map<String, Integer> counts = new TreeMap<>();
    Binding binding = session.binding();
    Tensor image = binding.input("image");
    Tensor scores = binding.output("scores");
    for (int frame = 0; frame < frames; frame++) {
      int channel = random.nextInt(3);
      for (int i = 0; i < image.size(); i++) {
        boolean strong = i / (ColorModel.SIZE * ColorModel.SIZE) == channel;
        image.setFloat(i, strong ? 0.5f + random.nextFloat() / 2 : random.nextFloat() / 2);
      }
      binding.run();
      counts.merge(ColorModel.label(scores), 1, Integer::sum);
    }
    return counts;
  }
}
