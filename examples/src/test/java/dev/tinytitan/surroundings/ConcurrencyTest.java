package dev.tinytitan.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One session, many threads. */
class ConcurrencyTest {
  private static final int THREADS = 8;
  private static final int WIDTH = 64;
  private static final SessionOptions OPTIONS = SessionOptions.defaults().withThreads(3);

  /** A matrix product and a softmax over any number of rows. */
  private static Model rows() {
    Random random = new Random(3);
    float[] weights = new float[WIDTH * WIDTH];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian() / 8;
    }
    return Model.of(
        Graph.builder("rows")
            .input("x", new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("n"), Dim.of(WIDTH))))
            .initializer("w", Tensor.of(weights, WIDTH, WIDTH))
            .node(new MatMul(), List.of("x", "w"), "h")
            .node(new MatMul(), List.of("h", "w"), "g")
            .node(new Softmax(-1), List.of("g"), "y")
            .output("y", null)
            .build(),
        ModelInfo.of(17));
  }

  private static Map<String, Tensor> input(int rows, int seed) {
    Random random = new Random(seed);
    float[] values = new float[rows * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.of(values, rows, WIDTH));
  }

  @Test
  void eightThreadsWithShapesOfTheirOwn() throws Exception {
    // More shapes than plans are kept, so that some are made again meanwhile.
    int shapes = 24;
    try (Session session = rows().open(OPTIONS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<float[]> expected = new ArrayList<>();
      for (int n = 0; n < shapes; n++) {
        expected.add(session.run(input(1 + 7 * n, n)).get("y").toFloatArray());
      }
      List<Future<Integer>> results = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int offset = thread * 5;
        Callable<Integer> work =
            () -> {
              int right = 0;
              for (int i = 0; i < 100; i++) {
                int n = (offset + i) % shapes;
                float[] actual = session.run(input(1 + 7 * n, n)).get("y").toFloatArray();
                right += Arrays.equals(actual, expected.get(n)) ? 1 : 0;
              }
              return right;
            };
        results.add(threads.submit(work));
      }
      for (Future<Integer> result : results) {
        assertThat(result.get()).isEqualTo(100);
      }
    }
  }

  @Test
  void closingWaitsForRunsAndRefusesLaterOnes() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int round = 0; round < 20; round++) {
        Session session = rows().open(OPTIONS);
        float[] expected = session.run(input(32, 1)).get("y").toFloatArray();
        CountDownLatch allRan = new CountDownLatch(THREADS);
        List<Future<String>> results = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
          Callable<String> runUntilRefused =
              () -> {
                while (true) {
                  try {
                    float[] actual = session.run(input(32, 1)).get("y").toFloatArray();
                    assertThat(Arrays.equals(actual, expected)).isTrue();
                  } catch (IllegalStateException refused) {
                    return refused.getMessage();
                  } finally {
                    allRan.countDown();
                  }
                }
              };
          results.add(threads.submit(runUntilRefused));
        }
        allRan.await();
        session.close();
        for (Future<String> result : results) {
          assertThat(result.get()).isEqualTo("the session is closed");
        }
      }
    }
  }

  @Test
  void manySessionsOfOneModel() throws Exception {
    Model model = rows();
    float[] expected;
    try (Session session = model.open(OPTIONS)) {
      expected = session.run(input(9, 2)).get("y").toFloatArray();
    }
    Callable<float[]> openAndRun =
        () -> {
          try (Session session = model.open(OPTIONS)) {
            return session.run(input(9, 2)).get("y").toFloatArray();
          }
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Future<float[]> result : threads.invokeAll(Collections.nCopies(200, openAndRun))) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }
}
