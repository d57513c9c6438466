package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model of the benchmark suite with the sizes that its open dimensions take.
 *
 * @param label what tables call it
 * @param file the ONNX file, which peers read; nobody reads that of a model that is made here
 * @param dims sizes of open dimensions, by the dimension's name or {@code input:index}
 * @param source makes the model; null if it is the file's
 */
record BenchModel(
    String label, Path file, Map<String, Integer> dims, @Nullable Supplier<Model> source) {
  private static final Path NO_FILE = Path.of("made-here");

  /** A model as its file has it. */
  BenchModel(String label, Path file, Map<String, Integer> dims) {
    this(label, file, dims, null);
  }

  /** The model. */
  Model model() {
    return source == null ? Model.load(file) : source.get();
  }

  /** Whether it is what its file has, so that others can run it. */
  boolean isFile() {
    return source == null;
  }

  /** Whether it can be opened: its file is there, or it needs none. */
  boolean exists() {
    return file.equals(NO_FILE) || Files.exists(file);
  }

  /** The models of the shared folder, MiniLM at two lengths, and what sparse kernels run on. */
  static List<BenchModel> suite(Path models, Path miniLm) {
    return List.of(
        of(models, "kws_fp32"),
        of(models, "vww_fp32"),
        of(models, "resnet8_fp32"),
        of(models, "resnet8large_fp32"),
        of(models, "ad_fp32"),
        of(models, "strww_fp32"),
        new BenchModel("minilm-16", miniLm, Map.of("sequence_length", 16, "sequence", 16)),
        new BenchModel("minilm-128", miniLm, Map.of("sequence_length", 128, "sequence", 128)),
        quantizedMiniLm(miniLm, 16),
        quantizedMiniLm(miniLm, 128),
        new BenchModel(
            "ppocr_det-320", models.resolve("ppocr_det_v4.onnx"), Map.of("x:2", 320, "x:3", 320)),
        new BenchModel(
            "ppocr_cls", models.resolve("ppocr_cls_v2.onnx"), Map.of("x:2", 48, "x:3", 192)),
        new BenchModel("silero_vad", models.resolve("silero_vad_v5.onnx"), Map.of("input:1", 512)),
        of(models, "kws_int8_u8act"),
        of(models, "vww_int8_u8act"),
        of(models, "resnet8_int8_u8act"),
        of(models, "resnet8large_int8_u8act"),
        of(models, "ad_int8_u8act"),
        of(models, "strww_int8_u8act"),
        thinned(models, "kws_int8_u8act", 80),
        thinned(models, "kws_int8_u8act", 90),
        thinned(models, "resnet8_int8_u8act", 80),
        thinned(models, "resnet8_int8_u8act", 90),
        thinned(models, "resnet8large_int8_u8act", 80),
        thinned(models, "resnet8large_int8_u8act", 90),
        made("conv128", () -> SparseModels.conv(128, 14, 0)),
        made("conv128-sparse80", () -> SparseModels.conv(128, 14, 0.8)),
        made("conv128-sparse90", () -> SparseModels.conv(128, 14, 0.9)),
        made("conv64", () -> SparseModels.conv(64, 16, 0)),
        made("conv64-sparse80", () -> SparseModels.conv(64, 16, 0.8)),
        made("conv64-sparse90", () -> SparseModels.conv(64, 16, 0.9)),
        made("matmul384", () -> SparseModels.matmul(128, 384, 0)),
        made("matmul384-sparse80", () -> SparseModels.matmul(128, 384, 0.8)),
        made("matmul384-sparse90", () -> SparseModels.matmul(128, 384, 0.9)));
  }

  /** MiniLM with dynamic int8 weights, another tool's export, if it lies beside the float file. */
  private static BenchModel quantizedMiniLm(Path miniLm, int length) {
    return new BenchModel(
        "minilm_int8-" + length,
        miniLm.resolveSibling("all-minilm-l6-v2-q.onnx"),
        Map.of("sequence_length", length, "sequence", length));
  }

  private static BenchModel made(String label, Supplier<Model> source) {
    return new BenchModel(label, NO_FILE, Map.of(), source);
  }

  /** A model with so many of a hundred blocks of its weights set to zero. */
  private static BenchModel thinned(Path models, String name, int percent) {
    Path file = models.resolve(name + ".onnx");
    return new BenchModel(
        name + "-sparse" + percent,
        file,
        Map.of(),
        () -> SparseModels.thinned(Model.load(file), percent / 100.0));
  }

  private static BenchModel of(Path models, String name) {
    return new BenchModel(name, models.resolve(name + ".onnx"), Map.of());
  }

  /** Seeded inputs of plausible values for each of the model's inputs. */
  Map<String, Tensor> inputs(Model model, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : model.inputs()) {
      TensorType type = input.tensorType();
      int[] sizes = new int[type.rank()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = size(input.name(), i, type.dim(i));
      }
      inputs.put(input.name(), values(input.name(), type.dtype(), Shape.of(sizes), random));
    }
    return inputs;
  }

  private int size(String input, int index, Dim dim) {
    if (dim.isFixed()) {
      return dim.size();
    }
    Integer own = dims.get(input + ":" + index);
    return own != null ? own : dims.getOrDefault(dim.toString(), 1);
  }

  private Tensor values(String name, DType dtype, Shape shape, Random random) {
    if (label.startsWith("ppocr")) {
      return page(shape, random);
    }
    Tensor tensor = Tensor.zeros(dtype, shape);
    for (int i = 0; i < tensor.size(); i++) {
      switch (name) {
        case "attention_mask" -> tensor.setLong(i, 1);
        case "token_type_ids" -> tensor.setLong(i, 0);
        case "input_ids" -> tensor.setLong(i, 1000 + random.nextInt(28_000));
        case "sr" -> tensor.setLong(i, 16_000);
        default -> {
          if (dtype.isFloat()) {
            boolean pixels = label.startsWith("resnet8");
            tensor.setFloat(i, pixels ? random.nextInt(256) : (float) random.nextGaussian());
          } else {
            tensor.setLong(i, random.nextLong());
          }
        }
      }
    }
    return tensor;
  }

  /** A white page with lines of dark strokes, normalized as the text models want it. */
  private static Tensor page(Shape shape, Random random) {
    int height = shape.dim(2);
    int width = shape.dim(3);
    float[] ink = new float[height * width];
    for (int line = 10; line + 16 < height; line += 26) {
      for (int x = 12; x + 10 < width; x += 9) {
        if (random.nextInt(6) > 0) {
          stroke(ink, width, x, line, 2, 14);
          stroke(ink, width, x, line + 2 + random.nextInt(10), 6, 2);
        }
      }
    }
    Tensor page = Tensor.zeros(DType.FLOAT32, shape);
    for (int i = 0; i < page.size(); i++) {
      page.setFloat(
          i, (1 - ink[i % ink.length] - 0.5f) / 0.25f + 0.02f * (float) random.nextGaussian());
    }
    return page;
  }

  private static void stroke(float[] ink, int width, int left, int top, int columns, int rows) {
    for (int y = top; y < top + rows; y++) {
      Arrays.fill(ink, y * width + left, y * width + left + columns, 0.9f);
    }
  }
}
