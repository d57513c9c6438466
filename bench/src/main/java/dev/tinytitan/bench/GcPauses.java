package dev.tinytitan.bench;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long garbage collections stop a thread while another thread runs MiniLM: a collection waits
 * for critical calls of generated code, which are therefore kept short. One thread allocates, asks
 * for collections and takes the time of each; beside it runs nothing, a Java loop, or the model on
 * an engine, in turns. Prints the median, the 99th percentile and the worst as a Markdown table.
 *
 * <p>Arguments: {@code MODELS MINILM [--rounds N]}. Run it on an idle machine of two processors.
 */
public final class GcPauses {
  private static final int COLLECTIONS = 40;

  private GcPauses() {}

  /** Prints the table. */
  public static void main(String[] args) throws InterruptedException {
    int rounds = Integer.parseInt(PeerTable.option(Arrays.asList(args), "--rounds", "6"));
    BenchModel miniLm =
        BenchModel.suite(Path.of(args[0]), Path.of(args[1])).stream()
            .filter(model -> model.label().equals("minilm-128"))
            .findFirst()
            .orElseThrow();
    Model model = Model.load(miniLm.file());
    Map<String, Tensor> inputs = miniLm.inputs(model, 1);
    try (Session simd = open(model, "simd");
        Session codegen = open(model, "codegen")) {
      List<String> names = List.of("nothing", "a Java loop", "MiniLM, simd", "MiniLM, codegen");
      List<Runnable> beside =
          List.of(() -> {}, GcPauses::loop, bound(simd, inputs)::run, bound(codegen, inputs)::run);
      List<List<Double>> millis = new ArrayList<>();
      names.forEach(_ -> millis.add(new ArrayList<>()));
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < names.size(); i++) {
          List<Double> measured = collect(i == 0 ? null : beside.get(i));
          if (round > 0) {
            millis.get(i).addAll(measured);
          }
        }
      }
      System.out.println("| beside | median ms | 99 % ms | worst ms |");
      System.out.println("|---|---:|---:|---:|");
      for (int i = 0; i < names.size(); i++) {
        List<Double> sorted = millis.get(i);
        Collections.sort(sorted);
        System.out.printf(
            Locale.ROOT,
            "| %s | %.2f | %.2f | %.2f |%n",
            names.get(i),
            sorted.get(sorted.size() / 2),
            sorted.get(sorted.size() * 99 / 100),
            sorted.getLast());
      }
    }
  }

  private static Session open(Model model, String engine) {
    return model.open(SessionOptions.defaults().withEngine(engine).withThreads(1));
  }

  private static Binding bound(Session session, Map<String, Tensor> inputs) {
    Binding binding =
        session.binding(
            inputs.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().shape())));
    inputs.forEach((name, tensor) -> binding.input(name).copyFrom(tensor));
    for (int i = 0; i < 30; i++) {
      binding.run();
    }
    return binding;
  }

  private static volatile int sink;

  private static void loop() {
    int x = sink;
    for (int i = 0; i < 100_000; i++) {
      x = x * 31 + i;
    }
    sink = x;
  }

  /** Milliseconds of each collection while another thread does something, over and over. */
  private static List<Double> collect(@Nullable Runnable beside) throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    Thread other =
        new Thread(() -> {
          while (beside != null && !stop.get()) {
            beside.run();
          }
        });
    other.start();
    List<Double> millis = new ArrayList<>();
    try {
      for (int i = 0; i < COLLECTIONS; i++) {
        byte[][] garbage = new byte[64][];
        for (int k = 0; k < garbage.length; k++) {
          garbage[k] = new byte[16 << 10];
        }
        long start = System.nanoTime();
        System.gc();
        millis.add((System.nanoTime() - start) / 1e6);
        if (garbage[i % garbage.length].length == 0) {
          throw new IllegalStateException();
        }
      }
    } finally {
      stop.set(true);
      other.join();
    }
    return millis;
  }
}
