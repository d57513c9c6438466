package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Squares of pixels laid out as channels: {@code [N, C, H, W]} becomes {@code [N, C * b², H / b, W
 * / b]}, all channels of one place in the squares together. ONNX: SpaceToDepth-13.
 *
 * @param blockSize b, at least 1
 */
public record SpaceToDepth(int blockSize) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("SpaceToDepth", 13)
          .compatibleSince(1)
          .decoder(context -> new SpaceToDepth(context.attributes().getInt("blocksize")))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().put("blocksize", blockSize).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.ofRank(input.dtype(), 4));
    }
    DepthToSpace.requireImage(input.rank(), blockSize);
    return List.of(
        input.withDims(
            List.of(
                input.dim(0),
                Dims.times(input.dim(1), (long) blockSize * blockSize),
                DepthToSpace.divided(input.dim(2), blockSize),
                DepthToSpace.divided(input.dim(3), blockSize))));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    DepthToSpace.requireImage(shape.rank(), blockSize);
    int n = shape.dim(0);
    int c = shape.dim(1);
    int h = DepthToSpace.divided(Dim.of(shape.dim(2)), blockSize).size();
    int w = DepthToSpace.divided(Dim.of(shape.dim(3)), blockSize).size();
    Tensor y =
        context.output(
            0, x.dtype(), Shape.of(new long[] {n, (long) c * blockSize * blockSize, h, w}));
    int[] dims = {n, c, h, blockSize, w, blockSize};
    StridedCopy.permute(y, x, dims, 0, 3, 5, 1, 2, 4);
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
