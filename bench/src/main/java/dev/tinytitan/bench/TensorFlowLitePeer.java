package dev.tinytitan.bench;

import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorByteSize;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorData;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorDim;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorName;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorNumDims;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorQuantizationParams;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorType;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteFloat32;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteInt8;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteOk;

import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithXNNPACK;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.bytedeco.tensorflowlite.TfLiteTensor;

/**
 * TensorFlow Lite with its XNNPACK delegate. It has a model format of its own: beside {@code
 * DIR/kws_int8.onnx} the same model is looked for as {@code DIR/tflite/kws_int8.tflite}. Inputs
 * have channels last there, and those of integer models are quantized already: less work than the
 * ONNX models have.
 */
public final class TensorFlowLitePeer implements Peer {
  /** What users select it by. */
  static final String NAME = "tensorflowlite";

  /** Of ONNX models that differ from another in the sign of activations only. */
  private static final String UNSIGNED = "_u8act";

  /** For the service loader. */
  public TensorFlowLitePeer() {}

  @Override
  public String name() {
    return NAME;
  }

  /** The file of the same model; it may not be there. */
  private static Path file(Path onnx) {
    String name = onnx.getFileName().toString().replaceFirst("\\.onnx$", "").replace(UNSIGNED, "");
    return onnx.resolveSibling("tflite").resolve(name + ".tflite");
  }

  @Override
  public Optional<String> problem(Path model) {
    Path file = file(model);
    return Files.exists(file)
        ? Optional.empty()
        : Optional.of("TensorFlow Lite needs the model as '" + file + "'.");
  }

  @Override
  public PeerModel open(Path model, Map<String, Tensor> inputs, int threads) {
    return new Open(file(model), new ArrayList<>(inputs.values()), threads);
  }

  private static final class Open implements PeerModel {
    private final FlatBufferModel model;
    private final BuiltinOpResolverWithXNNPACK operators;
    private final Interpreter interpreter = new Interpreter((Pointer) null);

    Open(Path file, List<Tensor> inputs, int threads) {
      model = FlatBufferModel.BuildFromFile(file.toString());
      operators = new BuiltinOpResolverWithXNNPACK(true);
      try (InterpreterBuilder builder = new InterpreterBuilder(model, operators)) {
        require(builder.SetNumThreads(threads), "the number of threads");
        require(builder.apply(interpreter), "the model");
      }
      require(interpreter.AllocateTensors(), "memory");
      if (inputs.size() != interpreter.inputs().limit()) {
        throw new IllegalArgumentException(file + " has another number of inputs.");
      }
      for (int i = 0; i < inputs.size(); i++) {
        fill(interpreter.input_tensor(i), inputs.get(i));
      }
      run();
    }

    private static void require(int status, String what) {
      if (status != kTfLiteOk) {
        throw new IllegalStateException("TensorFlow Lite: " + what + " gave status " + status);
      }
    }

    private static ByteBuffer bytes(TfLiteTensor tensor) {
      BytePointer data = new BytePointer(TfLiteTensorData(tensor));
      return data.capacity(TfLiteTensorByteSize(tensor))
          .asByteBuffer()
          .order(ByteOrder.nativeOrder());
    }

    private static void fill(TfLiteTensor tensor, Tensor values) {
      ByteBuffer bytes = bytes(tensor);
      boolean floats = TfLiteTensorType(tensor) == kTfLiteFloat32;
      if (bytes.remaining() != values.size() * (floats ? Float.BYTES : 1)) {
        throw new IllegalArgumentException("TensorFlow Lite: an input has another size.");
      }
      float scale = floats ? 1 : TfLiteTensorQuantizationParams(tensor).scale();
      int zero = floats ? 0 : TfLiteTensorQuantizationParams(tensor).zero_point();
      Shape shape = values.shape();
      int channels = shape.rank() < 3 ? 1 : shape.dim(1);
      int places = values.size() / (shape.dim(0) * channels);
      for (int i = 0; i < values.size(); i++) {
        int image = i / (channels * places);
        int channel = i / places % channels;
        int to = (image * places + i % places) * channels + channel;
        if (floats) {
          bytes.putFloat(Float.BYTES * to, values.getFloat(i));
        } else {
          long quantized = Math.round((double) values.getFloat(i) / scale) + zero;
          int least = TfLiteTensorType(tensor) == kTfLiteInt8 ? -128 : 0;
          bytes.put(to, (byte) Math.clamp(quantized, least, least + 255));
        }
      }
    }

    @Override
    public String name() {
      return "TensorFlow Lite";
    }

    @Override
    public void run() {
      require(interpreter.Invoke(), "running");
    }

    @Override
    public Map<String, Tensor> outputs() {
      run();
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      for (int i = 0; i < interpreter.outputs().limit(); i++) {
        TfLiteTensor tensor = interpreter.output_tensor(i);
        int[] dims = new int[TfLiteTensorNumDims(tensor)];
        for (int axis = 0; axis < dims.length; axis++) {
          dims[axis] = TfLiteTensorDim(tensor, axis);
        }
        outputs.put(TfLiteTensorName(tensor).getString(), values(tensor, Shape.of(dims)));
      }
      return outputs;
    }

    /** The values of an output, dequantized. */
    private static Tensor values(TfLiteTensor tensor, Shape shape) {
      Tensor values = Tensor.zeros(DType.FLOAT32, shape);
      ByteBuffer bytes = bytes(tensor);
      int type = TfLiteTensorType(tensor);
      for (int i = 0; i < values.size(); i++) {
        if (type == kTfLiteFloat32) {
          values.setFloat(i, bytes.getFloat(Float.BYTES * i));
        } else {
          int stored = type == kTfLiteInt8 ? bytes.get(i) : bytes.get(i) & 0xFF;
          int zero = TfLiteTensorQuantizationParams(tensor).zero_point();
          values.setFloat(i, (stored - zero) * TfLiteTensorQuantizationParams(tensor).scale());
        }
      }
      return values;
    }

    @Override
    public void close() {
      interpreter.close();
      operators.close();
      model.close();
    }
  }
}
