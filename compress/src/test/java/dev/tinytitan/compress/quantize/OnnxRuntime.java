package dev.tinytitan.compress.quantize;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime, to see that others can run what is written here. Float outputs only. */
public final class OnnxRuntime implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  public OnnxRuntime(Model model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      // Else products by stored weights quantize their activations, which the model does not say.
      options.addConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
      this.session =
          environment.createSession(OnnxWriter.toBytes(model.graph(), model.info()), options);
    } catch (OrtException error) {
      throw new AssertionError("ONNX Runtime refuses the model", error);
    }
  }

  public Map<String, Tensor> run(Sample sample) {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : sample.inputs().entrySet()) {
        Tensor tensor = input.getValue();
        long[] shape = tensor.shape().toLongArray();
        inputs.put(
            input.getKey(),
            tensor.dtype() == DType.INT64
                ? OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.toLongArray()), shape)
                : OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(tensor.toFloatArray()), shape));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(inputs)) {
        for (String name : session.getOutputNames()) {
          OnnxTensor output = (OnnxTensor) result.get(name).orElseThrow();
          FloatBuffer values = output.getFloatBuffer();
          float[] array = new float[values.remaining()];
          values.get(array);
          outputs.put(name, Tensor.of(array, Shape.of(output.getInfo().getShape()).toArray()));
        }
      }
      return outputs;
    } catch (OrtException error) {
      throw new AssertionError("ONNX Runtime fails on the model", error);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException error) {
      throw new AssertionError(error);
    }
  }
}
