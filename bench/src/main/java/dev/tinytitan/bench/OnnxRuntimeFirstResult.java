package dev.tinytitan.bench;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One result of ONNX Runtime, by the shortest way, for {@link FirstResult}. */
final class OnnxRuntimeFirstResult {
  private OnnxRuntimeFirstResult() {}

  /** Runs a model of fixed float32 inputs on zeros. */
  static void run(Path file) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(file.toString())) {
      Map<String, OnnxTensor> inputs = new HashMap<>();
      for (NodeInfo input : session.getInputInfo().values()) {
        TensorInfo info = (TensorInfo) input.getInfo();
        int size = Math.toIntExact(info.getNumElements());
        inputs.put(
            input.getName(),
            OnnxTensor.createTensor(environment, FloatBuffer.allocate(size), info.getShape()));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        if (result.size() == 0) {
          throw new IllegalStateException("the model gives nothing");
        }
      }
    } catch (OrtException error) {
      throw new IllegalStateException("ONNX Runtime: " + error.getMessage(), error);
    }
  }
}
