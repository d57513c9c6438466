package dev.tinytitan.bench;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * ONNX Runtime's Java binding as it is used well: all optimizations, direct buffers, the same input
 * tensors every time, and output tensors pinned after the first run.
 */
public final class OnnxRuntimePeer implements Peer {
  /** What users select it by. */
  static final String NAME = "onnxruntime";

  /** For the service loader. */
  public OnnxRuntimePeer() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> problem(Path model) {
    return Optional.empty();
  }

  @Override
  public PeerModel open(Path model, Map<String, Tensor> inputs, int threads) {
    try {
      return new Model(model, inputs, threads);
    } catch (OrtException error) {
      throw new IllegalStateException("ONNX Runtime: " + error.getMessage(), error);
    }
  }

  private static final class Model implements PeerModel {
    private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    private final OrtSession session;
    private final Map<String, OnnxTensorLike> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxValue> pinned = new LinkedHashMap<>();

    Model(Path model, Map<String, Tensor> given, int threads) throws OrtException {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model.toString(), options);
      for (Map.Entry<String, Tensor> input : given.entrySet()) {
        inputs.put(input.getKey(), tensor(environment, input.getValue()));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
          if (result.get(output.getKey()).orElseThrow() instanceof OnnxTensor first) {
            TensorInfo info = first.getInfo();
            long bytes = first.getByteBuffer().remaining();
            ByteBuffer buffer =
                ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
            pinned.put(
                output.getKey(),
                OnnxTensor.createTensor(environment, buffer, info.getShape(), info.type));
          }
        }
      }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor tensor)
        throws OrtException {
      ByteBuffer raw = tensor.rawBytes();
      ByteBuffer buffer = ByteBuffer.allocateDirect(raw.remaining()).order(ByteOrder.nativeOrder());
      buffer.put(raw).flip();
      OnnxJavaType type =
          switch (tensor.dtype()) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case INT16 -> OnnxJavaType.INT16;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            default ->
                throw new IllegalArgumentException(
                    "ONNX Runtime's Java binding has no " + tensor.dtype());
          };
      return OnnxTensor.createTensor(environment, buffer, tensor.shape().toLongArray(), type);
    }

    private static DType dtype(OnnxJavaType type) {
      return switch (type) {
        case FLOAT -> DType.FLOAT32;
        case DOUBLE -> DType.FLOAT64;
        case INT64 -> DType.INT64;
        case INT32 -> DType.INT32;
        case INT16 -> DType.INT16;
        case INT8 -> DType.INT8;
        case UINT8 -> DType.UINT8;
        case BOOL -> DType.BOOL;
        case FLOAT16 -> DType.FLOAT16;
        case BFLOAT16 -> DType.BFLOAT16;
        default -> throw new IllegalArgumentException("unexpected type " + type);
      };
    }

    @Override
    public String name() {
      return "ONNX Runtime";
    }

    @Override
    public void run() {
      try (OrtSession.Result result = session.run(inputs, pinned)) {
        if (result.size() != pinned.size()) {
          throw new IllegalStateException("ONNX Runtime gave " + result.size() + " outputs");
        }
      } catch (OrtException error) {
        throw new IllegalStateException("ONNX Runtime: " + error.getMessage(), error);
      }
    }

    @Override
    public Map<String, Tensor> outputs() {
      run();
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> output : pinned.entrySet()) {
        OnnxTensor tensor = (OnnxTensor) output.getValue();
        TensorInfo info = tensor.getInfo();
        outputs.put(
            output.getKey(),
            Tensor.mapped(dtype(info.type), Shape.of(info.getShape()), tensor.getByteBuffer())
                .copy());
      }
      return outputs;
    }

    @Override
    public void close() {
      try {
        for (OnnxValue value : pinned.values()) {
          value.close();
        }
        for (OnnxTensorLike value : inputs.values()) {
          value.close();
        }
        session.close();
        options.close();
      } catch (OrtException error) {
        throw new IllegalStateException("ONNX Runtime: " + error.getMessage(), error);
      }
    }
  }
}
