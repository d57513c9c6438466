package dev.tinytitan.codegen.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.SharedData;
import dev.tinytitan.codegen.Host;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An operating system that gives executable memory some times and then no more: models go on with
 * what they got, and answer the same.
 */
class RefusedMappingTest {

  @BeforeEach
  void requireCode() {
    assumeTrue(Host.trial().isEmpty(), () -> Host.trial().orElse(""));
  }

  /** Maps some times, then refuses. */
  private static final class Refusing implements CodeMapper {
    private final CodeMapper system = new LinuxCodeMapper();
    private final int most;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    Refusing(int most) {
      this.most = most;
    }

    @Override
    public MemorySegment map(byte[] code) {
      if (asked.getAndIncrement() >= most) {
        throw new CodeMemoryException("this system gives no more executable memory; ask another.");
      }
      open.incrementAndGet();
      return system.map(code);
    }

    @Override
    public void unmap(MemorySegment memory) {
      open.decrementAndGet();
      system.unmap(memory);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ad_fp32",
        "ad_int8",
        "ad_int8_u8act",
        "kws_fp32",
        "kws_int8",
        "kws_int8_u8act",
        "ppocr_cls_v2",
        "ppocr_det_v4",
        "resnet8_fp32",
        "resnet8_int8",
        "resnet8_int8_u8act",
        "resnet8large_fp32",
        "resnet8large_int8",
        "resnet8large_int8_u8act",
        "silero_vad_v5",
        "strww_fp32",
        "strww_int8",
        "strww_int8_u8act",
        "vww_fp32",
        "vww_int8",
        "vww_int8_u8act"
      })
  void modelsAnswerTheSameWithLessCode(String name) {
    Model model = Model.load(SharedData.require("models/" + name + ".onnx"));
    Map<String, Tensor> inputs;
    Map<String, Tensor> expected;
    try (Session session = open(model, "portable")) {
      inputs = inputs(session);
      expected = session.run(inputs);
    }
    for (int most : new int[] {0, 1, 2}) {
      Refusing system = new Refusing(most);
      ScopedValue.where(CodeMapper.INSTEAD, system).run(() -> check(model, inputs, expected, most));
      assertThat(system.asked.get()).isPositive();
      assertThat(system.open.get()).isZero();
    }
  }

  /** Mapping is refused on the test's own thread, so no other may make plans. */
  @BeforeEach
  void waitForCode() {
    System.setProperty("tinytitan.wait", "true");
  }

  @AfterEach
  void doNotWait() {
    System.clearProperty("tinytitan.wait");
  }

  private static void check(
      Model model, Map<String, Tensor> inputs, Map<String, Tensor> expected, int most) {
    try (Session session = open(model, "codegen")) {
      Map<String, Tensor> actual = session.run(inputs);
      expected.forEach((name, tensor) -> assertClose(actual.get(name), tensor));
      if (most == 0) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        assertThat(session.explain(shapes))
            .filteredOn(step -> step.engine().equals("codegen"))
            .extracting(StepReport::kernel)
            // Which is plain Java.
            .allMatch("softmax-float32-rows"::equals);
      }
    }
  }

  /** Engines differ in the order of float sums, and Softmax by one step of its quantization. */
  private static void assertClose(Tensor actual, Tensor expected) {
    double[] left = actual.toDoubleArray();
    double[] right = expected.toDoubleArray();
    assertThat(left).hasSameSizeAs(right);
    for (int i = 0; i < left.length; i++) {
      assertThat(Math.abs(left[i] - right[i]))
          .isLessThanOrEqualTo(1.0 / 256 + 1e-3 * Math.abs(right[i]));
    }
  }

  private static Session open(Model model, String engine) {
    return model.open(SessionOptions.defaults().withEngine(engine).withThreads(1));
  }

  private static Map<String, Tensor> inputs(Session session) {
    Random random = new Random(31);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value value : session.inputs()) {
      TensorType type = value.tensorType();
      Tensor tensor = Tensor.zeros(type.dtype(), shape(value.name(), type));
      for (int i = 0; i < tensor.size(); i++) {
        if (type.dtype() == DType.INT64) {
          tensor.setLong(i, 16_000);
        } else {
          tensor.setFloat(i, random.nextFloat() - 0.3f);
        }
      }
      inputs.put(value.name(), tensor);
    }
    return inputs;
  }

  /** Free dimensions: one image or state; pictures of 64 by 64; windows of 512 samples. */
  private static Shape shape(String name, TensorType type) {
    int[] dims = new int[type.rank()];
    List<Dim> known = type.knownDims();
    for (int i = 0; i < dims.length; i++) {
      int free = i == 0 || name.equals("state") ? 1 : dims.length == 4 ? 64 : 512;
      dims[i] = known.get(i).isFixed() ? known.get(i).size() : free;
    }
    return Shape.of(dims);
  }
}
