package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.math.LayerInput;
import dev.tinytitan.compress.quantize.SyntheticInputs;
import dev.tinytitan.data.text.Sentences;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SparsePrunerTest {

  /** Without the softmax, whose ends hide errors. */
  private static Model resnet8() {
    Model model = Model.load(SharedData.require("models/resnet8_fp32.onnx"));
    Graph graph = model.graph();
    Value output = graph.outputs().get(0);
    String logits = graph.producer(output.name()).orElseThrow().input(0);
    return Model.of(
        GraphRewriter.dropUnused(
            graph.toBuilder().outputs(List.of(Value.of(logits, output.type()))).build()),
        model.info());
  }

  private static double signalToNoise(
      Model model, Samples calibration, Samples evaluation, SparseOptions options) {
    Model sparse = new SparsePruner(options).prune(model, calibration, Samples.none()).model();
    return new OutputError(model.graph(), model.info(), evaluation, 2)
        .of(sparse.graph())
        .signalToNoise();
  }

  /**
   * On samples that none of them saw, with the same number of zeros in each layer. With so few
   * channels, norms of inputs help here and hurt there; making up for what goes helps everywhere.
   */
  @ParameterizedTest
  @CsvSource({"unstructured, 0.5", "unstructured, 0.7", "2:4, 0.5", "1x4, 0.4"})
  void onResnet8SecondOrderBeatsBothOthers(String pattern, double sparsity) {
    Model model = resnet8();
    Samples calibration = SyntheticInputs.of("resnet8", 64, 1);
    Samples evaluation = SyntheticInputs.of("resnet8", 48, 2);
    SparseOptions options =
        SparseOptions.of(SparsePattern.of(pattern), sparsity, SparseMethod.MAGNITUDE);
    double magnitude = signalToNoise(model, calibration, evaluation, options);
    double wanda =
        signalToNoise(model, calibration, evaluation, options.withMethod(SparseMethod.WANDA));
    double sparseGpt =
        signalToNoise(model, calibration, evaluation, options.withMethod(SparseMethod.SPARSE_GPT));
    assertThat(sparseGpt).isGreaterThan(Math.max(magnitude, wanda) + 2);
  }

  /** Real sentences; the layers that sum over 384 inputs, 30 of 36. */
  @Test
  void onMiniLmSecondOrderBeatsInputsBeatMagnitude() throws IOException {
    Model model = MiniLmPruningTest.model();
    WordPieceTokenizer tokenizer;
    try (InputStream in =
        Objects.requireNonNull(
            SparsePrunerTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json"))) {
      tokenizer = WordPieceTokenizer.fromTokenizerJson(in, "tokenizer.json");
    }
    Samples calibration = samples(tokenizer, Sentences.calibration().subList(0, 128));
    Samples evaluation = samples(tokenizer, Sentences.evaluation().subList(0, 40));
    SparseOptions options =
        SparseOptions.of(new SparsePattern.Unstructured(), 0.6, SparseMethod.MAGNITUDE)
            .withExclude(List.of("/encoder/layer.?/output/dense/MatMul"));
    double magnitude = signalToNoise(model, calibration, evaluation, options);
    double wanda =
        signalToNoise(model, calibration, evaluation, options.withMethod(SparseMethod.WANDA));
    double sparseGpt =
        signalToNoise(model, calibration, evaluation, options.withMethod(SparseMethod.SPARSE_GPT));
    assertThat(wanda).isGreaterThan(magnitude + 1.5);
    assertThat(sparseGpt).isGreaterThan(wanda + 1);
  }

  private static Samples samples(WordPieceTokenizer tokenizer, List<String> sentences) {
    return Samples.of(
        sentences.size(), i -> Sample.of(tokenizer.encode(sentences.get(i)).tensors()));
  }

  @ParameterizedTest
  @EnumSource(names = {"MAGNITUDE", "MAGNITUDE_GLOBAL", "WANDA", "SPARSE_GPT"})
  void zerosLieAsThePatternSays(SparseMethod method) {
    Model model = resnet8();
    Samples samples = SyntheticInputs.of("resnet8", 8, 1);
    for (String text : List.of("unstructured", "2:4", "1x4", "4x1")) {
      SparsePattern pattern = SparsePattern.of(text);
      SparseOptions options = SparseOptions.of(pattern, 0.5, method);
      SparseResult result = new SparsePruner(options).prune(model, samples);
      assertThat(result.after().sparsity()).as(text).isBetween(0.4, 0.56);
      for (WeightMatrix matrix : WeightMatrix.of(result.model().graph())) {
        requirePattern(matrix, pattern);
      }
    }
  }

  private static void requirePattern(WeightMatrix matrix, SparsePattern pattern) {
    double[] weights = matrix.read();
    int columns = matrix.columns();
    if (pattern instanceof SparsePattern.NOfM(int keep, int of)) {
      for (int row = 0; row < matrix.rows(); row++) {
        for (int from = 0; from < columns; from += of) {
          int start = row * columns + from;
          double[] group = Arrays.copyOfRange(weights, start, start + Math.min(of, columns - from));
          assertThat(Arrays.stream(group).filter(w -> w != 0).count()).isLessThanOrEqualTo(keep);
        }
      }
    } else if (pattern instanceof SparsePattern.Block(int blockRows, int blockColumns)) {
      for (int row = 0; row + blockRows <= matrix.rows(); row += blockRows) {
        for (int column = 0; column + blockColumns <= columns; column += blockColumns) {
          int zeros = 0;
          for (int i = 0; i < blockRows * blockColumns; i++) {
            int at = (row + i / blockColumns) * columns + column + i % blockColumns;
            zeros += weights[at] == 0 ? 1 : 0;
          }
          assertThat(zeros % (blockRows * blockColumns)).isZero();
        }
      }
    }
  }

  /** The matrix times the layer's inputs, column by column, is what the layer computes. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 2, 1", "3, 1, 2"})
  void columnsStandForInputsOfTheLayer(int group, int stride, int dilation) {
    Random random = new Random(5);
    NetBuilder net = new NetBuilder("conv", 3);
    String x = net.input(2, 6, 7, 5);
    Window window =
        Window.of().withPads(1, 1, 1, 1).withStrides(stride, stride).withDilations(dilation, 1);
    Graph graph =
        net.build(net.node(new Conv(window, group), x, net.weights(1, 0, 12, 6 / group, 3, 3)));
    Tensor input = Topologies.sample(graph.inputs().get(0).tensorType(), random.nextLong());
    Tensor output = StructuralPruning.run(graph, Map.of("x", input)).values().iterator().next();
    WeightMatrix matrix = WeightMatrix.of(graph).get(0);
    double[] weights = matrix.read();
    int space = output.shape().dim(2) * output.shape().dim(3);
    LayerInput.Rows rows = matrix.input().rows(input);
    assertThat(rows.count()).isEqualTo(2 * space);
    double[] row = new double[matrix.columns()];
    for (int i = 0; i < rows.count() * 12; i++) {
      int channel = i % 12;
      rows.copy(i / 12, channel / matrix.rowsPerGroup(), row);
      double sum = 0;
      for (int j = 0; j < row.length; j++) {
        sum += row[matrix.inputElement(j)] * weights[channel * row.length + j];
      }
      int image = i / 12 / space;
      assertThat(output.getFloat((image * 12 + channel) * space + i / 12 % space))
          .isCloseTo((float) sum, within(1e-4f));
    }
  }

  @Test
  void factorOfTheInverse() {
    int n = 7;
    Random random = new Random(1);
    double[][] matrix = new double[n][n];
    for (int k = 0; k < 20; k++) {
      double[] row = random.doubles(n, -1, 1).toArray();
      for (int i = 0; i < n * n; i++) {
        matrix[i / n][i % n] += row[i / n] * row[i % n];
      }
    }
    double[] factor = SparseGpt.inverseFactor(matrix, 1e-12);
    // A U^T U is the identity.
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          for (int l = 0; l < n; l++) {
            sum += matrix[i][k] * factor[l * n + k] * factor[l * n + j];
          }
        }
        assertThat(sum).isCloseTo(i == j ? 1 : 0, within(1e-9));
        assertThat(i <= j || factor[i * n + j] == 0).isTrue();
      }
    }
  }

  /** With one row and few inputs the best answer is known: least squares over what is left. */
  @Test
  void whatIsLeftMakesUpForWhatIsGone() {
    int n = 6;
    Random random = new Random(2);
    double[][] moments = new double[n][n];
    double[][] inputs = new double[50][];
    for (int k = 0; k < inputs.length; k++) {
      double common = random.nextGaussian();
      double[] row = random.doubles(n).map(value -> value + common).toArray();
      inputs[k] = row;
      for (int i = 0; i < n * n; i++) {
        moments[i / n][i % n] += row[i / n] * row[i % n];
      }
    }
    double[] dense = random.doubles(n, -1, 1).toArray();
    double[] sparse = dense.clone();
    SparseOptions options =
        SparseOptions.of(new SparsePattern.Unstructured(), 0.5, SparseMethod.SPARSE_GPT)
            .withDamping(1e-6);
    SparseGpt.prune(sparse, moments, options);
    double[] masked = dense.clone();
    for (int i = 0; i < n; i++) {
      masked[i] = sparse[i] == 0 ? 0 : dense[i];
    }
    assertThat(Arrays.stream(sparse).filter(w -> w == 0).count()).isEqualTo(3);
    assertThat(error(inputs, dense, sparse)).isLessThan(0.5 * error(inputs, dense, masked));
  }

  private static double error(double[][] inputs, double[] one, double[] other) {
    double sum = 0;
    for (double[] row : inputs) {
      double difference = 0;
      for (int i = 0; i < row.length; i++) {
        difference += row[i] * (one[i] - other[i]);
      }
      sum += difference * difference;
    }
    return sum;
  }

  @Test
  void sparsityGrowsEverSlower() {
    SparsitySchedule schedule = new SparsitySchedule(0.1, 0.9, 100, 1100);
    assertThat(schedule.at(0)).isEqualTo(0.1);
    assertThat(schedule.at(100)).isEqualTo(0.1);
    assertThat(schedule.at(600)).isCloseTo(0.9 - 0.8 * 0.125, within(1e-12));
    assertThat(schedule.at(1100)).isEqualTo(0.9);
    assertThat(schedule.at(5000)).isEqualTo(0.9);
    for (long step = 100; step < 1100; step += 50) {
      assertThat(schedule.at(step + 50)).isGreaterThan(schedule.at(step));
    }
    assertThatThrownBy(() -> new SparsitySchedule(0.5, 0.4, 0, 10))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhatIsMissing() {
    Model model = resnet8();
    SparseOptions options =
        SparseOptions.of(new SparsePattern.Unstructured(), 0.5, SparseMethod.WANDA);
    assertThatThrownBy(() -> new SparsePruner(options).prune(model))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("needs samples");
    Model quantized = Model.load(SharedData.require("models/resnet8_int8.onnx"));
    assertThatThrownBy(
            () -> new SparsePruner(options.withMethod(SparseMethod.MAGNITUDE)).prune(quantized))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("before it is quantized");
    assertThatThrownBy(() -> SparsePattern.of("3")).hasMessageContaining("no pattern");
    assertThatThrownBy(() -> SparsePattern.of("4:2")).hasMessageContaining("4:2");
  }

  /** What the layers have in common in scale does not matter when they compete. */
  @Test
  void layersOfAnotherScaleGiveAlike() {
    Graph graph = Objects.requireNonNull(Topologies.all().get("mlp"));
    SparseResult result =
        new SparsePruner(
                SparseOptions.of(
                    new SparsePattern.Unstructured(), 0.5, SparseMethod.MAGNITUDE_GLOBAL))
            .prune(Model.of(graph, ModelInfo.of(21)));
    assertThat(result.layers())
        .allSatisfy(layer -> assertThat(layer.sparsity()).isBetween(0.35, 0.65));
  }
}
