package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Blocks of channels laid out as squares of pixels: {@code [N, C, H, W]} becomes {@code [N, C / b²,
 * H * b, W * b]}. ONNX: DepthToSpace-13.
 *
 * @param blockSize b, at least 1
 * @param columnRowDepth whether a block's channels stand together (mode CRD); otherwise those of
 *     one place in the blocks do (mode DCR)
 */
public record DepthToSpace(int blockSize, boolean columnRowDepth) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("DepthToSpace", 13)
          .compatibleSince(11)
          .decoder(context ->
              new DepthToSpace(
                  context.attributes().getInt("blocksize"),
                  columnRowDepth(context.attributes().getText("mode", "DCR"))))
          .build();

  private static boolean columnRowDepth(String mode) {
    return switch (mode) {
      case "CRD" -> true;
      case "DCR" -> false;
      default -> throw Shapes.badAttribute("mode", mode);
    };
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("blocksize", blockSize)
        .putUnless("DCR", "mode", columnRowDepth ? "CRD" : "DCR")
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(columnRowDepth ? 11 : 1);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.ofRank(input.dtype(), 4));
    }
    requireImage(input.rank(), blockSize);
    return List.of(
        input.withDims(
            List.of(
                input.dim(0),
                divided(input.dim(1), (long) blockSize * blockSize),
                Dims.times(input.dim(2), blockSize),
                Dims.times(input.dim(3), blockSize))));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    requireImage(shape.rank(), blockSize);
    int channels = divided(Dim.of(shape.dim(1)), (long) blockSize * blockSize).size();
    Tensor y =
        context.output(
            0,
            x.dtype(),
            Shape.of(
                new long[] {
                  shape.dim(0),
                  channels,
                  (long) shape.dim(2) * blockSize,
                  (long) shape.dim(3) * blockSize
                }));
    int n = shape.dim(0);
    int h = shape.dim(2);
    int w = shape.dim(3);
    if (columnRowDepth) {
      int[] dims = {n, channels, blockSize, blockSize, h, w};
      StridedCopy.permute(y, x, dims, 0, 1, 4, 2, 5, 3);
    } else {
      int[] dims = {n, blockSize, blockSize, channels, h, w};
      StridedCopy.permute(y, x, dims, 0, 3, 4, 1, 5, 2);
    }
  }

  /** Requires an image of four dimensions and a sensible block. */
  static void requireImage(int rank, int blockSize) {
    if (rank != 4 || blockSize < 1) {
      throw new ShapeMismatchException(
          "A tensor of "
              + rank
              + " dimensions cannot be laid out in blocks of "
              + blockSize
              + "; it takes [N, C, H, W] and a block size of 1 or more.");
    }
  }

  /**
   * A dimension by a divisor.
   *
   * @throws ShapeMismatchException if it cannot be divided
   */
  static Dim divided(Dim dim, long divisor) {
    if (divisor == 1 || !dim.isFixed()) {
      return divisor == 1 ? dim : Dim.UNKNOWN;
    }
    if (dim.size() % divisor != 0) {
      throw new ShapeMismatchException(
          "A dimension of " + dim + " cannot be divided into blocks of " + divisor + ".");
    }
    return Dims.of(dim.size() / divisor);
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
