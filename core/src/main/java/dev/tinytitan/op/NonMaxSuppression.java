package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The boxes of each class that overlap none of a better score. Inputs: boxes {@code [batch, n, 4]},
 * scores {@code [batch, classes, n]}, and as optional scalars the most boxes of a class (int64: 0),
 * the overlap (intersection over union) above which a box is dropped (0) and the score that a box
 * must exceed (none). Result: {@code [count, 3]} of batch, class and box index, int64. ONNX:
 * NonMaxSuppression-11.
 *
 * @param centerPointBox whether boxes are given as centre x, centre y, width, height instead of y,
 *     x of two opposite corners
 */
public record NonMaxSuppression(boolean centerPointBox) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("NonMaxSuppression", 11)
          .compatibleSince(10)
          .inputs(2, 5)
          .decoder(context ->
              new NonMaxSuppression(context.attributes().getBoolean("center_point_box", false)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(false, "center_point_box", centerPointBox).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(new TensorType(DType.INT64, List.of(Dim.UNKNOWN, Dim.of(3))));
  }

  /** A box by its least and greatest coordinates. */
  private record Box(float left, float top, float right, float bottom) {
    float area() {
      return (right - left) * (bottom - top);
    }

    boolean overlaps(Box other, float threshold) {
      float width = Math.min(right, other.right) - Math.max(left, other.left);
      float height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
      if (width <= 0 || height <= 0 || area() <= 0 || other.area() <= 0) {
        return false;
      }
      float intersection = width * height;
      return intersection / (area() + other.area() - intersection) > threshold;
    }
  }

  private Box box(Tensor boxes, int index) {
    float a = boxes.getFloat(4 * index);
    float b = boxes.getFloat(4 * index + 1);
    float c = boxes.getFloat(4 * index + 2);
    float d = boxes.getFloat(4 * index + 3);
    return centerPointBox
        ? new Box(a - c / 2, b - d / 2, a + c / 2, b + d / 2)
        : new Box(Math.min(b, d), Math.min(a, c), Math.max(b, d), Math.max(a, c));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor boxes = context.input(0);
    Tensor scores = context.input(1);
    requireShapes(boxes.shape(), scores.shape());
    long most = context.hasInput(2) ? Indices.scalar(context.input(2), "max_output_boxes") : 0;
    float overlap = context.hasInput(3) ? context.input(3).getFloat(0) : 0;
    float least = context.hasInput(4) ? context.input(4).getFloat(0) : Float.NEGATIVE_INFINITY;
    boolean all = !context.hasInput(4);
    int classes = scores.shape().dim(1);
    int count = boxes.shape().dim(1);
    List<long[]> selected = new ArrayList<>();
    for (int batch = 0; batch < boxes.shape().dim(0); batch++) {
      for (int label = 0; label < classes; label++) {
        int first = (batch * classes + label) * count;
        int[] candidates =
            IntStream.range(0, count)
                .filter(i -> all || scores.getFloat(first + i) > least)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores.getFloat(first + i)))
                .mapToInt(Integer::intValue)
                .toArray();
        List<Box> kept = new ArrayList<>();
        for (int candidate : candidates) {
          if (kept.size() >= most) {
            break;
          }
          Box box = box(boxes, batch * count + candidate);
          if (kept.stream().noneMatch(other -> other.overlaps(box, overlap))) {
            kept.add(box);
            selected.add(new long[] {batch, label, candidate});
          }
        }
      }
    }
    Tensor y = context.output(0, DType.INT64, Shape.of(selected.size(), 3));
    for (int i = 0; i < y.size(); i++) {
      y.setLong(i, selected.get(i / 3)[i % 3]);
    }
  }

  private static void requireShapes(Shape boxes, Shape scores) {
    if (boxes.rank() != 3
        || scores.rank() != 3
        || boxes.dim(2) != 4
        || boxes.dim(0) != scores.dim(0)
        || boxes.dim(1) != scores.dim(2)) {
      throw new ShapeMismatchException(
          "Boxes of shape "
              + boxes
              + " and scores of shape "
              + scores
              + " should be [batch, n, 4] and [batch, classes, n].");
    }
  }
}
