package dev.tinytitan.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MiniLM with dynamic int8 weights beside ONNX Runtime, both computing node for node as the file
 * has it: then all roundings are the same, and so are the answers. With optimizations, floats are
 * rounded elsewhere, some elements fall on the neighbouring step, and in a long input of random
 * words ONNX Runtime is as far from itself as we are from it: docs/numerics.md.
 */
class DynamicInt8AgreementTest {
  private static final String FILE = "/all-minilm-l6-v2-q.onnx";
  private static final int LENGTH = 128;

  @TempDir private Path folder;

  @Test
  void unoptimizedTheAnswersAreTheSame() throws IOException, OrtException {
    Path file = folder.resolve("model.onnx");
    try (InputStream in =
        Objects.requireNonNull(DynamicInt8AgreementTest.class.getResourceAsStream(FILE), FILE)) {
      Files.copy(in, file);
    }
    Map<String, Tensor> inputs = new HashMap<>();
    Random random = new Random(3);
    for (String name : new String[] {"input_ids", "attention_mask", "token_type_ids"}) {
      Tensor tensor = Tensor.zeros(DType.INT64, Shape.of(1, LENGTH));
      for (int i = 0; i < LENGTH; i++) {
        tensor.setLong(
            i,
            switch (name) {
              case "input_ids" -> 1000 + random.nextInt(28_000);
              case "attention_mask" -> 1;
              default -> 0;
            });
      }
      inputs.put(name, tensor);
    }
    Tensor expected = onnxRuntime(file, inputs);
    SessionOptions options = SessionOptions.defaults().withOptimize(false);
    try (Session session = Model.load(file).open(options)) {
      Tensor actual = session.run(inputs).values().iterator().next();
      assertThat(Agreement.relativeToMax(expected, actual)).isLessThan(1e-6);
    }
  }

  private static Tensor onnxRuntime(Path file, Map<String, Tensor> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> given = new HashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(file.toString(), options)) {
        for (String name : session.getInputNames()) {
          LongBuffer values = LongBuffer.allocate(LENGTH);
          Tensor input = Objects.requireNonNull(inputs.get(name));
          for (int i = 0; i < LENGTH; i++) {
            values.put(i, input.getLong(i));
          }
          given.put(name, OnnxTensor.createTensor(environment, values, new long[] {1, LENGTH}));
        }
        try (OrtSession.Result result = session.run(given)) {
          OnnxTensor output = (OnnxTensor) result.get(0);
          float[] values = new float[output.getFloatBuffer().remaining()];
          output.getFloatBuffer().get(values);
          return Tensor.of(values, Shape.of(output.getInfo().getShape()).toArray());
        }
      } finally {
        given.values().forEach(OnnxTensor::close);
      }
    }
  }
}
