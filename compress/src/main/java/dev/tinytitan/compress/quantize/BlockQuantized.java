package dev.tinytitan.compress.quantize;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Weights in uint4, in blocks along one axis with a scale and a zero point each.
 *
 * <p>For each block the range is sought, at both ends, that makes the squared error least, each
 * weight's error counted by how strong the activations are that it multiplies, where that is known;
 * then the scale is set to the best one for the levels so found (least squares).
 *
 * @param values uint4, the weights' shape
 * @param scales float32, the weights' shape with the axis divided by the block size, rounded up
 * @param zeroPoints uint4, the scales' shape
 */
record BlockQuantized(Tensor values, Tensor scales, Tensor zeroPoints, int axis, int blockSize)
    implements GridWeights {
  private static final int GREATEST = 15;
  private static final int CANDIDATES = 7;
  private static final float STEP = 0.07f;

  /**
   * Quantizes weights.
   *
   * @param axis along which the blocks lie; not negative
   * @param blockSize weights in a block, at least 1; the last block may be shorter
   * @param importance for each index of the axis how much a squared error counts; null for equally
   */
  static BlockQuantized quantize(
      Tensor weights, int axis, int blockSize, float @Nullable [] importance) {
    Shape shape = weights.shape();
    int length = shape.dim(axis);
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    int blocks = Math.ceilDiv(length, blockSize);
    Shape scaleShape = shape.withDim(axis, blocks);
    float[] source = weights.toFloatArray();
    int[] levels = new int[source.length];
    float[] scales = new float[scaleShape.size()];
    int[] zeros = new int[scaleShape.size()];
    // Blocks do not depend on each other, so the result is the same in any order.
    IntStream.range(0, scaleShape.size())
        .parallel()
        .forEach(index -> {
          int block = index / inner % blocks;
          int from = block * blockSize;
          int start = (index / inner / blocks * length + from) * inner + index % inner;
          int size = Math.min(blockSize, length - from);
          Block best = new Block(source, start, inner, size, importance, from);
          best.search();
          scales[index] = best.scale;
          zeros[index] = best.zero;
          best.store(levels, start, inner);
        });
    return new BlockQuantized(
        StoredWeights.pack(levels, DType.UINT4, shape),
        Tensor.of(scales, scaleShape.toArray()),
        StoredWeights.pack(zeros, DType.UINT4, scaleShape),
        axis,
        blockSize);
  }

  @Override
  public int bits() {
    return 4;
  }

  @Override
  public int scaleIndex(int element) {
    Shape shape = values.shape();
    int length = shape.dim(axis);
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    int block = element / inner % length / blockSize;
    return (element / inner / length * scales.shape().dim(axis) + block) * inner + element % inner;
  }

  @Override
  public int zeroPoint(int scaleIndex) {
    return zeroPoints.getInt(scaleIndex);
  }

  @Override
  public int lowest() {
    return 0;
  }

  @Override
  public int highest() {
    return GREATEST;
  }

  @Override
  public BlockQuantized withLevels(int[] levels) {
    return new BlockQuantized(
        StoredWeights.pack(levels, DType.UINT4, values.shape()),
        scales,
        zeroPoints,
        axis,
        blockSize);
  }

  /** One block while it is looked at; not thread-safe. */
  private static final class Block {
    private final float[] weights;
    private final float[] importance;
    private float scale = 1;
    private int zero;

    Block(
        float[] source, int start, int stride, int size, float @Nullable [] importance, int from) {
      this.weights = new float[size];
      this.importance = new float[size];
      for (int i = 0; i < size; i++) {
        weights[i] = source[start + i * stride];
        this.importance[i] = importance == null ? 1 : importance[from + i];
      }
    }

    private static int level(float weight, float scale, int zero) {
      return Math.clamp((int) Math.rint(weight / scale) + zero, 0, GREATEST);
    }

    void search() {
      float low = 0;
      float high = 0;
      for (float weight : weights) {
        low = Math.min(low, weight);
        high = Math.max(high, weight);
      }
      if (high - low < Float.MIN_NORMAL * GREATEST) {
        return;
      }
      double least = Double.POSITIVE_INFINITY;
      for (int l = 0; l < (low == 0 ? 1 : CANDIDATES); l++) {
        for (int h = 0; h < (high == 0 ? 1 : CANDIDATES); h++) {
          float wanted = (high * (1 - h * STEP) - low * (1 - l * STEP)) / GREATEST;
          int candidateZero =
              Math.clamp((int) Math.rint(-low * (1 - l * STEP) / wanted), 0, GREATEST);
          float candidate = refine(wanted, candidateZero);
          double error = error(candidate, candidateZero);
          if (error < least) {
            least = error;
            scale = candidate;
            zero = candidateZero;
          }
        }
      }
    }

    /** The best scale for the levels that this one gives. */
    private float refine(float wanted, int candidateZero) {
      float product = 0;
      float square = 0;
      for (int i = 0; i < weights.length; i++) {
        float steps = level(weights[i], wanted, candidateZero) - candidateZero;
        product += importance[i] * steps * weights[i];
        square += importance[i] * steps * steps;
      }
      float refined = product / square;
      return refined >= Float.MIN_NORMAL && Float.isFinite(refined) ? refined : wanted;
    }

    private double error(float candidate, int candidateZero) {
      float sum = 0;
      for (int i = 0; i < weights.length; i++) {
        float steps = level(weights[i], candidate, candidateZero) - candidateZero;
        float difference = steps * candidate - weights[i];
        sum += importance[i] * difference * difference;
      }
      return sum;
    }

    void store(int[] levels, int start, int stride) {
      for (int i = 0; i < weights.length; i++) {
        levels[start + i * stride] = level(weights[i], scale, zero);
      }
    }
  }
}
