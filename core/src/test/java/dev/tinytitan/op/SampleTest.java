package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.GridSample.Mode;
import dev.tinytitan.op.GridSample.Padding;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Grids, regions, blocks, masks and n-grams. */
class SampleTest {
  @ParameterizedTest
  @CsvSource({
    // Elements 1 2 3, read beyond the left border; -1 is the outer edge or the first centre.
    "LINEAR, ZEROS, false, -1, 0.5",
    "LINEAR, BORDER, false, -1, 1",
    "LINEAR, REFLECTION, false, -1, 1",
    "LINEAR, ZEROS, true, -1, 1",
    "LINEAR, ZEROS, true, -1.5, 0.5",
    "LINEAR, REFLECTION, true, -1.5, 1.5",
    "LINEAR, REFLECTION, true, 2, 2",
    "NEAREST, ZEROS, true, -0.5, 1",
    "NEAREST, ZEROS, true, -3, 0",
    "NEAREST, BORDER, false, 9, 3",
    "NEAREST, REFLECTION, false, 1.5, 3",
    "CUBIC, BORDER, true, 0, 2",
    "CUBIC, BORDER, true, -1.2, 0.904",
    "CUBIC, ZEROS, true, 0.5, 2.875",
  })
  void gridSampleBesideTheBorder(
      Mode mode, Padding padding, boolean alignCorners, float at, float expected) {
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 1, 3);
    Tensor y =
        run(new GridSample(mode, padding, alignCorners), x, Tensor.of(new float[] {at}, 1, 1, 1));
    assertThat(y.getFloat(0)).isEqualTo(expected, within(1e-6f));
  }

  @Test
  void gridSampleReadsTheLastAxisFirst() {
    Tensor grid = Tensor.of(new float[] {1, -1}, 1, 1, 1, 2);
    assertThat(run(new GridSample(Mode.NEAREST, Padding.ZEROS, true), counting(1, 2, 2, 3), grid))
        .isEqualTo(Tensor.of(new float[] {2, 8}, 1, 2, 1, 1));
    Tensor nan = Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, 1, 1, 1, 2);
    for (Padding padding : Padding.values()) {
      assertThat(
              run(new GridSample(Mode.LINEAR, padding, false), counting(1, 1, 2, 2), nan).shape())
          .isEqualTo(Shape.of(1, 1, 1, 1));
    }
  }

  @Test
  void affineGridOfTheIdentity() {
    Tensor theta = Tensor.of(new float[] {1, 0, 0, 0, 1, 0}, 1, 2, 3);
    Tensor size = Tensor.of(new long[] {1, 9, 1, 2});
    assertThat(run(new AffineGrid(false), theta, size))
        .isEqualTo(Tensor.of(new float[] {-0.5f, 0, 0.5f, 0}, 1, 1, 2, 2));
    assertThat(run(new AffineGrid(true), theta, size))
        .isEqualTo(Tensor.of(new float[] {-1, 0, 1, 0}, 1, 1, 2, 2));
  }

  @Test
  void roiPools() {
    Tensor x = counting(1, 1, 4, 4);
    Tensor region = Tensor.of(new float[] {0, 0, 0, 3, 3}, 1, 5);
    assertThat(run(new MaxRoiPool(2, 2, 1), x, region).toFloatArray())
        .containsExactly(5, 7, 13, 15);
    Tensor corners = Tensor.of(new float[] {0, 0, 4, 4}, 1, 4);
    Tensor batch = Tensor.of(new long[] {0});
    assertThat(
            run(new RoiAlign(RoiAlign.Mode.AVG, true, 2, 2, 0, 1), x, corners, batch)
                .toFloatArray())
        .containsExactly(2.5f, 4.5f, 10.5f, 12.5f);
    assertThat(
            run(new RoiAlign(RoiAlign.Mode.MAX, true, 2, 2, 0, 1), x, corners, batch)
                .toFloatArray())
        .containsExactly(5, 7, 13, 15);
    assertThatThrownBy(() -> new RoiAlign(RoiAlign.Mode.AVG, true, 0, 2, 0, 1))
        .isInstanceOf(MalformedModelException.class);
  }

  @Test
  void overlappingBoxesAreSuppressed() {
    Tensor boxes = Tensor.of(new float[] {0, 0, 1, 1, 1, 1.1f, 0, 0.1f, 0, 10, 1, 11}, 1, 3, 4);
    Tensor scores = Tensor.of(new float[] {0.9f, 0.9f, 0.3f}, 1, 1, 3);
    Tensor[] all = {boxes, scores, Tensor.scalar(3L), Tensor.scalar(0.5f), Tensor.scalar(0.3f)};
    Tensor kept = evaluate(new NonMaxSuppression(false), all);
    assertThat(kept).isEqualTo(Tensor.of(new long[] {0, 0, 0}, 1, 3));
    all[4] = Tensor.scalar(0.1f);
    assertThat(evaluate(new NonMaxSuppression(false), all).toLongArray())
        .containsExactly(0, 0, 0, 0, 0, 2);
    assertThat(evaluate(new NonMaxSuppression(false), boxes, scores).shape())
        .isEqualTo(Shape.of(0, 3));
  }

  private static Tensor evaluate(Operator operator, Tensor... inputs) {
    List<String> names = IntStream.range(0, inputs.length).mapToObj(i -> "x" + i).toList();
    return Interpreter.eval(Node.of("node", operator, names, List.of("y")), List.of(inputs)).get(0);
  }

  @Test
  void depthAndSpaceAreInverse() {
    Tensor x = counting(1, 8, 1, 2);
    Tensor wide = run(new DepthToSpace(2, false), x);
    assertThat(wide.shape()).isEqualTo(Shape.of(1, 2, 2, 4));
    assertThat(wide.toFloatArray()).startsWith(0, 4, 1, 5, 8, 12, 9, 13);
    assertThat(run(new SpaceToDepth(2), wide)).isEqualTo(x);
    assertThat(run(new DepthToSpace(2, true), x).toFloatArray()).startsWith(0, 2, 1, 3, 4, 6, 5, 7);
    assertThatThrownBy(() -> run(new DepthToSpace(3, false), x))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void blocksAddUpAndUnpoolingFindsItsPlaces() {
    Window window = Window.of().withPads(1, 1);
    assertThat(
            run(
                new Col2Im(window),
                RunOperator.ones(1, 2, 4),
                Tensor.of(new long[] {3}),
                Tensor.of(new long[] {2})))
        .isEqualTo(Tensor.of(new float[] {2, 2, 2}, 1, 1, 3));
    Window pool = Window.of(2).withStrides(2);
    Tensor maxima = Tensor.of(new float[] {5, 6}, 1, 1, 2);
    Tensor places = Tensor.of(new long[] {1, 2}, 1, 1, 2);
    assertThat(run(new MaxUnpool(pool), maxima, places).toFloatArray()).containsExactly(0, 5, 6, 0);
    assertThat(
            run(new MaxUnpool(pool), maxima, places, Tensor.of(new long[] {1, 1, 5}))
                .toFloatArray())
        .containsExactly(0, 5, 6, 0, 0);
    assertThatThrownBy(
            () -> run(new MaxUnpool(pool), maxima, Tensor.of(new long[] {1, 4}, 1, 1, 2)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void rangesCountExactly() {
    assertThat(run(new Range(), Tensor.scalar(10L), Tensor.scalar(4L), Tensor.scalar(-3L)))
        .isEqualTo(Tensor.of(new long[] {10, 7}));
    assertThat(
            run(
                    new Range(),
                    Tensor.scalar(Long.MIN_VALUE),
                    Tensor.scalar(Long.MAX_VALUE),
                    Tensor.scalar(1L << 62))
                .size())
        .isEqualTo(4);
    assertThat(run(new Range(), Tensor.scalar(1f), Tensor.scalar(1f), Tensor.scalar(1f)).size())
        .isZero();
    assertThatThrownBy(() ->
            run(new Range(), Tensor.scalar(0L), Tensor.scalar(Long.MAX_VALUE), Tensor.scalar(1L)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(
            () -> run(new Range(), Tensor.scalar(0f), Tensor.scalar(1f), Tensor.scalar(0f)))
        .hasMessageContaining("delta of 0");
  }

  @Test
  void masksAndSelections() {
    assertThat(
            run(
                new OneHot(0),
                Tensor.of(new long[] {-1, 5, 0}),
                Tensor.scalar(3L),
                Tensor.of(new int[] {7, 9})))
        .isEqualTo(Tensor.of(new int[] {7, 7, 9, 7, 7, 7, 9, 7, 7}, 3, 3));
    assertThat(run(new Compress(1), counting(2, 3), Tensor.of(new boolean[] {false, true})))
        .isEqualTo(Tensor.of(new float[] {1, 4}, 2, 1));
    assertThat(
            run(new Compress(null), counting(2, 2), Tensor.of(new boolean[] {true, false, true})))
        .isEqualTo(Tensor.of(new float[] {0, 2}));
    assertThat(run(new Trilu(true), counting(2, 3), Tensor.scalar(1L)).toFloatArray())
        .containsExactly(0, 1, 2, 0, 0, 5);
    assertThat(run(new Trilu(false), counting(2, 3), Tensor.scalar(-5L)).toFloatArray())
        .containsOnly(0);
    assertThat(evaluate(new NonZero(), Tensor.of(new float[] {0, Float.NaN, -0f, 2}, 2, 2)))
        .isEqualTo(Tensor.of(new long[] {0, 1, 1, 1}, 2, 2));
    assertThat(evaluate(new NonZero(), Tensor.scalar(3f)).shape()).isEqualTo(Shape.of(0, 1));
  }

  @Test
  void sequencesAndCaches() {
    assertThat(
            run(new ReverseSequence(0, 1), counting(2, 3), Tensor.of(new long[] {2, 0}))
                .toFloatArray())
        .containsExactly(1, 0, 2, 3, 4, 5);
    Tensor cache = Tensor.zeros(DType.FLOAT32, Shape.of(2, 3, 1));
    Tensor update = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1);
    assertThat(
            run(
                    new TensorScatter(1, TensorScatter.Mode.CIRCULAR),
                    cache,
                    update,
                    Tensor.of(new long[] {2, 0}))
                .toFloatArray())
        .containsExactly(2, 0, 1, 3, 4, 0);
    assertThatThrownBy(() ->
            run(
                new TensorScatter(1, TensorScatter.Mode.LINEAR),
                cache,
                update,
                Tensor.of(new long[] {2, 0})))
        .hasMessageContaining("beyond a cache of 3");
    assertThat(
            run(new CenterCropPad(List.of(-1)), counting(2, 3), Tensor.of(new long[] {6}))
                .toFloatArray())
        .containsExactly(0, 0, 1, 2, 0, 0, 0, 3, 4, 5, 0, 0);
  }

  private static TfIdfVectorizer vectorizer(TfIdfVectorizer.Mode mode) {
    // Single items 7 and 8; pairs (7, 8) and (8, 8).
    return new TfIdfVectorizer(
        1,
        2,
        1,
        mode,
        List.of(0, 2),
        List.of(0, 1, 3, 2),
        List.of(7L, 8L, 7L, 8L, 8L, 8L),
        List.of(),
        List.of(10f, 20f, 30f, 40f));
  }

  @Test
  void ngramsAreCountedWithGaps() {
    Tensor x = Tensor.of(new int[] {7, 8, 8, 1}, 1, 4);
    assertThat(run(vectorizer(TfIdfVectorizer.Mode.TF), x))
        .isEqualTo(Tensor.of(new float[] {1, 2, 1, 2}, 1, 4));
    assertThat(run(vectorizer(TfIdfVectorizer.Mode.IDF), x).toFloatArray())
        .containsExactly(10, 20, 30, 40);
    assertThat(run(vectorizer(TfIdfVectorizer.Mode.TFIDF), x).toFloatArray())
        .containsExactly(10, 40, 30, 80);
    assertThatThrownBy(() ->
            new TfIdfVectorizer(
                1,
                1,
                0,
                TfIdfVectorizer.Mode.TF,
                List.of(0, 9),
                List.of(),
                List.of(1L),
                List.of(),
                List.of()))
        .isInstanceOf(MalformedModelException.class);
  }
}
