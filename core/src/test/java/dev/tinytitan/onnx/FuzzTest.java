package dev.tinytitan.onnx;

import static dev.tinytitan.onnx.OnnxFiles.attribute;
import static dev.tinytitan.onnx.OnnxFiles.node;
import static dev.tinytitan.onnx.OnnxFiles.reference;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SharedData;
import dev.tinytitan.TitanException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Reads mutated model files. Each ends in a model or a TitanException, allocates little and soon
 * comes to an end, whatever its bytes ask for.
 *
 * <p>The number of mutations is the system property {@code tinytitan.fuzz.iterations}; failures
 * print the file in Base64.
 */
class FuzzTest {
  private static final int ITERATIONS =
      Integer.getInteger(
          "tinytitan.fuzz.iterations",
          Boolean.getBoolean("tinytitan.nightly") ? 2_000_000 : 100_000);
  private static final long SEED = Long.getLong("tinytitan.fuzz.seed", 20250101L);

  /** Well under the 512 MiB that a hostile file may cost: it bounds garbage too, not only use. */
  private static final long MAX_BYTES = 256L << 20;

  /** A hang, not slowness: nothing here takes more than milliseconds. */
  private static final long MAX_NANOS = 2_000_000_000L;

  @Test
  void smallModelsOfTheWholeFormat() {
    List<byte[]> seeds = List.of(everyType(), functions(), oldForms(), branches());
    seeds.forEach(seed -> assertThat(OnnxReader.read(seed).graph().nodes()).isNotEmpty());
    fuzz(seeds, ITERATIONS);
  }

  /** Every operator's decoder and shape rule. */
  @Test
  void modelsOfTheConformanceSuite() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    try (Stream<Path> found = Files.list(SharedData.require("conformance"))) {
      for (Path folder : found.sorted().toList()) {
        Path file = folder.resolve("model.onnx");
        if (Files.exists(file) && Files.size(file) < 20_000) {
          seeds.add(Files.readAllBytes(file));
        }
      }
    }
    fuzz(seeds, ITERATIONS);
  }

  private static void fuzz(List<byte[]> seeds, int iterations) {
    SplittableRandom random = new SplittableRandom(SEED);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int read = 0;
    for (int i = 0; i < iterations; i++) {
      byte[] file = seeds.get(random.nextInt(seeds.size()));
      for (int rounds = 1 + random.nextInt(3); rounds > 0; rounds--) {
        file = mutate(file, seeds, random);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long nanos = threads.getCurrentThreadCpuTime();
      try {
        OnnxModel model = OnnxReader.read(file);
        read++;
        // What was read can be written, or is refused in order.
        OnnxWriter.toBytes(model.graph(), model.info());
      } catch (TitanException expected) {
        assertThat(expected).hasMessageMatching("(?s).{10,}");
      } catch (Throwable error) {
        throw new AssertionError(
            "iteration " + i + ": " + Base64.getEncoder().encodeToString(file), error);
      }
      bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
      nanos = threads.getCurrentThreadCpuTime() - nanos;
      if (bytes > MAX_BYTES || nanos > MAX_NANOS) {
        throw new AssertionError(
            "iteration "
                + i
                + " took "
                + bytes
                + " bytes and "
                + nanos
                + " ns: "
                + Base64.getEncoder().encodeToString(file));
      }
    }
    // Mutations that no file survives, or all do, would test nothing.
    assertThat(read).isBetween(iterations / 50, iterations * 9 / 10);
  }

  private static byte[] mutate(byte[] file, List<byte[]> seeds, SplittableRandom random) {
    if (file.length == 0) {
      return file;
    }
    int at = random.nextInt(file.length);
    byte[] copy = file.clone();
    switch (random.nextInt(9)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> copy[at] = (byte) random.nextInt(256);
      // Lengths, tags and counts: one more, one less, extremes.
      case 2 -> copy[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 3 -> copy[at] = (byte) 0xFF;
      case 4 -> copy = Arrays.copyOf(file, at);
      case 5 -> copy = splice(file, at, Math.min(file.length, at + 1), varint(random), 0, 10);
      case 6 -> {
        int end = Math.min(file.length, at + 1 + random.nextInt(40));
        copy = splice(file, at, end, file, 0, 0);
      }
      case 7 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int from = random.nextInt(other.length);
        int length = Math.min(other.length - from, 1 + random.nextInt(200));
        copy = splice(file, at, Math.min(file.length, at + length), other, from, from + length);
      }
      default -> {
        // A piece twice: fields and messages repeated, names given twice.
        int length = Math.min(file.length - at, 1 + random.nextInt(100));
        copy = splice(file, at, at, file, at, at + length);
      }
    }
    return copy;
  }

  private static byte[] splice(
      byte[] file, int from, int to, byte[] other, int otherFrom, int otherTo) {
    int length = otherTo - otherFrom;
    byte[] result = new byte[file.length - (to - from) + length];
    System.arraycopy(file, 0, result, 0, from);
    System.arraycopy(other, otherFrom, result, from, length);
    System.arraycopy(file, to, result, from + length, file.length - to);
    return result;
  }

  private static byte[] varint(SplittableRandom random) {
    long[] extremes = {
      0, 1, 127, 128, Integer.MAX_VALUE, 1L << 31, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE
    };
    byte[] bytes = new byte[10];
    long value = extremes[random.nextInt(extremes.length)];
    for (int i = 0; i < 10; i++) {
      bytes[i] = (byte) (((value >>> (7 * i)) & 0x7F) | (i < 9 ? 0x80 : 0));
    }
    return bytes;
  }

  private static byte[] everyType() {
    OnnxFiles file = OnnxFiles.opset(25).input("x", 2, 3);
    for (DType dtype : DType.values()) {
      file.initializer("w_" + dtype, Tensor.zeros(dtype, Shape.of(2, 3)));
    }
    return file.node(node("a", "Add", List.of("x", "w_float32"), List.of("h")))
        .node(
            node(
                "c",
                "Constant",
                List.of(),
                List.of("shape"),
                attribute("value_ints", new Attribute.Ints(List.of(3L, -1L)))))
        .node(node("r", "Reshape", List.of("h", "shape"), List.of("y"), attribute("allowzero", 0)))
        .valueInfo(
            Value.of(
                "h", new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("batch"), Dim.UNKNOWN))))
        .output("y", 3, 2)
        .bytes();
  }

  private static byte[] functions() {
    return OnnxFiles.opset(21)
        .opset("local", 1)
        .input("x", 1, 4)
        .function(
            OnnxFiles.function(
                "twice",
                List.of("a"),
                List.of("c"),
                node("", "local", "once", List.of("a"), List.of("b")),
                node("", "local", "once", List.of("b"), List.of("c"))))
        .function(
            OnnxFiles.function(
                "once",
                List.of("a"),
                List.of("c"),
                node("", "Add", List.of("a", "a"), List.of("b")),
                node("", "Softmax", List.of("b"), List.of("c"), reference("axis", "axis"))))
        .node(node("", "local", "twice", List.of("x"), List.of("h"), attribute("axis", 1)))
        .node(node("", "local", "twice", List.of("h"), List.of("y")))
        .output("y", 1, 4)
        .bytes();
  }

  private static byte[] oldForms() {
    return OnnxFiles.opset(9)
        .irVersion(3)
        .input("x", 1, 4, 2)
        .input("w", 8)
        .initializer("w", Tensor.of(new float[8]))
        .node(node("", "Softmax", List.of("x"), List.of("s"), attribute("axis", 1)))
        .node(node("", "Flatten", List.of("s"), List.of("f")))
        .node(node("", "Add", List.of("f", "w"), List.of("y")))
        .output("y", 1, 8)
        .bytes();
  }

  private static byte[] branches() {
    GraphProto inner =
        OnnxFiles.opset(21)
            .node(node("a", "Add", List.of("x", "w"), List.of("t")))
            .untypedOutput("t")
            .graph("inner");
    GraphProto other =
        OnnxFiles.opset(21)
            .initializer("w2", Tensor.of(new float[2]))
            .node(node("b", "Add", List.of("h", "w2"), List.of("e")))
            .untypedOutput("e")
            .graph("other");
    NodeProto choice =
        node(
            "if",
            "If",
            List.of("c"),
            List.of("z"),
            attribute("then_branch", inner),
            attribute("else_branch", other));
    GraphProto outer = OnnxFiles.opset(21).node(choice).untypedOutput("z").graph("outer");
    return OnnxFiles.opset(21)
        .input(Value.of("c", TensorType.of(DType.BOOL)))
        .input("x", 2)
        .initializer("w", Tensor.of(new float[2]))
        .node(node("h", "Relu", List.of("x"), List.of("h")))
        .node(
            node(
                "if",
                "If",
                List.of("c"),
                List.of("y"),
                attribute("then_branch", outer),
                attribute("else_branch", other)))
        .output("y", 2)
        .bytes();
  }
}
