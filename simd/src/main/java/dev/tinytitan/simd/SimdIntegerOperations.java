package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.BYTES;
import static dev.tinytitan.simd.FloatVectors.HAS_BYTES;
import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.IntegerOperations;
import dev.tinytitan.kernel.VectorOperations;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Integer inner loops, a vector at a time. Bounds are cut after rounding, not before, which is the
 * same for bounds that are integers: near 1.5·2²³ floats are ordered like their bits, and cutting
 * ints takes one instruction for each bound.
 */
final class SimdIntegerOperations implements IntegerOperations {
  /**
   * Adding and taking away 1.5 · 2²³ rounds a float below 2²² to the nearest integer, ties to even.
   */
  private static final float ROUND = 0x1.8p23f;

  /** Quotients beyond this are cut to 8 bits whatever they are. */
  private static final float FAR = 1024;

  /** Between these scales, no step of a division by multiplying leaves the normal floats. */
  private static final float LEAST_SCALE = 0x1p-60f;

  private static final float GREATEST_SCALE = 0x1p60f;

  /** Where nothing is added, a vector of zeros is: sums stay what they are. */
  private static final float[] NO_OFFSETS = new float[LANES];

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  private final IntegerOperations rest = VectorOperations.portable().integers();

  /** The bits of a bound after {@link #ROUND} was added. */
  private static IntVector bound(float bound) {
    return IntVector.broadcast(INTS, Float.floatToRawIntBits(bound + ROUND));
  }

  @Override
  public void requantize(
      float[] y,
      int from,
      int stride,
      int rows,
      float @Nullable [] offsets,
      float[] multipliers,
      int column,
      float low,
      float high,
      float zeroPoint,
      int columns) {
    int bound = SPECIES.loopBound(columns);
    for (int i = 0; i < bound; i += LANES) {
      if (offsets == null) {
        requantize(
            y, from + i, stride, rows, multipliers, column + i, low, high, ROUND - zeroPoint);
      } else {
        addAndRequantize(
            y,
            from + i,
            stride,
            rows,
            offsets,
            multipliers,
            column + i,
            low,
            high,
            ROUND - zeroPoint);
      }
    }
    if (bound < columns) {
      requantizeRest(
          y,
          from + bound,
          stride,
          rows,
          offsets == null ? NO_OFFSETS : offsets,
          offsets == null ? 0 : column + bound,
          multipliers,
          column + bound,
          low,
          high,
          ROUND - zeroPoint,
          columns - bound);
    }
  }

  /** Less than a vector of columns. */
  private static void requantizeRest(
      float[] y,
      int from,
      int stride,
      int rows,
      float[] offsets,
      int offsetFrom,
      float[] multipliers,
      int column,
      float low,
      float high,
      float down,
      int columns) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, columns);
    FloatVector offset = FloatVector.fromArray(SPECIES, offsets, offsetFrom, mask);
    FloatVector factor = FloatVector.fromArray(SPECIES, multipliers, column, mask);
    IntVector least = bound(low);
    IntVector most = bound(high);
    for (int row = 0, at = from; row < rows; row++, at += stride) {
      FloatVector sum = FloatVector.fromArray(SPECIES, y, at, mask).add(offset);
      IntVector steps = sum.mul(factor).add(ROUND).reinterpretAsInts();
      steps.max(least).min(most).reinterpretAsFloats().sub(down).intoArray(y, at, mask);
    }
  }

  /** One vector of columns. */
  private static void requantize(
      float[] y,
      int from,
      int stride,
      int rows,
      float[] multipliers,
      int column,
      float low,
      float high,
      float down) {
    FloatVector factor = FloatVector.fromArray(SPECIES, multipliers, column);
    IntVector least = bound(low);
    IntVector most = bound(high);
    for (int row = 0, at = from; row < rows; row++, at += stride) {
      IntVector steps =
          FloatVector.fromArray(SPECIES, y, at).mul(factor).add(ROUND).reinterpretAsInts();
      steps.max(least).min(most).reinterpretAsFloats().sub(down).intoArray(y, at);
    }
  }

  /** One vector of columns. */
  private static void addAndRequantize(
      float[] y,
      int from,
      int stride,
      int rows,
      float[] offsets,
      float[] multipliers,
      int column,
      float low,
      float high,
      float down) {
    FloatVector offset = FloatVector.fromArray(SPECIES, offsets, column);
    FloatVector factor = FloatVector.fromArray(SPECIES, multipliers, column);
    IntVector least = bound(low);
    IntVector most = bound(high);
    for (int row = 0, at = from; row < rows; row++, at += stride) {
      FloatVector sum = FloatVector.fromArray(SPECIES, y, at).add(offset);
      IntVector steps = sum.mul(factor).add(ROUND).reinterpretAsInts();
      steps.max(least).min(most).reinterpretAsFloats().sub(down).intoArray(y, at);
    }
  }

  @Override
  public void quantize(
      float[] x,
      int xFrom,
      float scale,
      float low,
      float high,
      float zeroPoint,
      float[] y,
      int yFrom,
      int count) {
    int done = 0;
    if (scale >= LEAST_SCALE && scale <= GREATEST_SCALE) {
      done = SPECIES.loopBound(count);
      quantizeVectors(x, xFrom, scale, low, high, ROUND - zeroPoint, y, yFrom, done);
    }
    if (done < count) {
      rest.quantize(x, xFrom + done, scale, low, high, zeroPoint, y, yFrom + done, count - done);
    }
  }

  /**
   * Divides by multiplying with the reciprocal, and correcting the quotient by its remainder: once,
   * which makes it one of the two floats next to the true one, and again, which makes it the one
   * that a division gives (Markstein 1990). That takes a third of the time of a division. Numbers
   * far beyond the range are cut first, so that no remainder overflows.
   */
  private static void quantizeVectors(
      float[] x,
      int xFrom,
      float scale,
      float low,
      float high,
      float down,
      float[] y,
      int yFrom,
      int count) {
    FloatVector far = FloatVector.broadcast(SPECIES, FAR * scale);
    FloatVector reciprocal = FloatVector.broadcast(SPECIES, 1 / scale);
    FloatVector divisor = FloatVector.broadcast(SPECIES, -scale);
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    IntVector most = bound(high);
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = Clipping.clip(FloatVector.fromArray(SPECIES, x, xFrom + i), far.neg(), far);
      FloatVector q = v.mul(reciprocal);
      q = q.fma(divisor, v).fma(reciprocal, q);
      q = q.fma(divisor, v).fma(reciprocal, q);
      // Written so that NaN becomes low.
      IntVector steps =
          least.blend(q, q.compare(VectorOperators.GT, least)).add(ROUND).reinterpretAsInts();
      steps.min(most).reinterpretAsFloats().sub(down).intoArray(y, yFrom + i);
    }
  }

  @Override
  public void dequantize(
      float[] x, int xFrom, float zeroPoint, float scale, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .sub(zeroPoint)
          .mul(scale)
          .intoArray(y, yFrom + i);
    }
    for (int i = bound; i < count; i++) {
      y[yFrom + i] = (x[xFrom + i] - zeroPoint) * scale;
    }
  }

  @Override
  public void add(
      float[] a,
      int aFrom,
      float aRatio,
      float[] b,
      int bFrom,
      float bRatio,
      float fixed,
      float low,
      float high,
      float[] y,
      int yFrom,
      int count) {
    int bound = SPECIES.loopBound(count);
    addVectors(a, aFrom, aRatio, b, bFrom, bRatio, fixed, low, high, y, yFrom, bound);
    if (bound < count) {
      int left = count - bound;
      int aRest = aFrom + bound;
      int bRest = bFrom + bound;
      rest.add(a, aRest, aRatio, b, bRest, bRatio, fixed, low, high, y, yFrom + bound, left);
    }
  }

  private static void addVectors(
      float[] a,
      int aFrom,
      float aRatio,
      float[] b,
      int bFrom,
      float bRatio,
      float fixed,
      float low,
      float high,
      float[] y,
      int yFrom,
      int count) {
    IntVector least = bound(low);
    IntVector most = bound(high);
    FloatVector ratioA = FloatVector.broadcast(SPECIES, aRatio);
    FloatVector ratioB = FloatVector.broadcast(SPECIES, bRatio);
    FloatVector start = FloatVector.broadcast(SPECIES, fixed);
    for (int i = 0; i < count; i += LANES) {
      FloatVector second = FloatVector.fromArray(SPECIES, b, bFrom + i).fma(ratioB, start);
      IntVector steps =
          FloatVector.fromArray(SPECIES, a, aFrom + i)
              .fma(ratioA, second)
              .add(ROUND)
              .reinterpretAsInts();
      steps.max(least).min(most).reinterpretAsFloats().sub(ROUND).intoArray(y, yFrom + i);
    }
  }

  @Override
  public void dequantizeRows(
      byte[] values,
      int from,
      boolean halves,
      int zeroFrom,
      float[] scales,
      int scaleFrom,
      float[] y,
      int yFrom,
      int rows,
      int width) {
    int vectors = halves ? width / 2 / LANES : width / LANES;
    if (!HAS_BYTES || vectors * (halves ? 2 : 1) * LANES != width) {
      rest.dequantizeRows(values, from, halves, zeroFrom, scales, scaleFrom, y, yFrom, rows, width);
      return;
    }
    for (int i = 0; i < vectors; i++) {
      int j = i * LANES;
      if (halves) {
        int right = width / 2 + j;
        half(values, from + j, 0, zeroFrom + j, scales, scaleFrom + j, y, yFrom + j, rows, width);
        half(
            values,
            from + j,
            4,
            zeroFrom + right,
            scales,
            scaleFrom + right,
            y,
            yFrom + right,
            rows,
            width);
      } else {
        bytes(values, from + j, zeroFrom + j, scales, scaleFrom + j, y, yFrom + j, rows, width);
      }
    }
  }

  private static void bytes(
      byte[] values,
      int from,
      int zeroFrom,
      float[] scales,
      int scaleFrom,
      float[] y,
      int yFrom,
      int rows,
      int width) {
    FloatVector zero = FloatVector.fromArray(SPECIES, y, zeroFrom);
    FloatVector scale = FloatVector.fromArray(SPECIES, scales, scaleFrom);
    for (int row = 0; row < rows; row++) {
      ((FloatVector)
              ByteVector.fromArray(BYTES, values, from + row * width)
                  .convertShape(VectorOperators.B2F, SPECIES, 0))
          .sub(zero)
          .mul(scale)
          .intoArray(y, yFrom + row * width);
    }
  }

  /** The low halves of bytes, or, shifted by 4, the high ones. */
  private static void half(
      byte[] values,
      int from,
      int shift,
      int zeroFrom,
      float[] scales,
      int scaleFrom,
      float[] y,
      int yFrom,
      int rows,
      int width) {
    FloatVector zero = FloatVector.fromArray(SPECIES, y, zeroFrom);
    FloatVector scale = FloatVector.fromArray(SPECIES, scales, scaleFrom);
    for (int row = 0; row < rows; row++) {
      IntVector pairs =
          (IntVector)
              ByteVector.fromArray(BYTES, values, from + row * (width / 2))
                  .convertShape(VectorOperators.B2I, INTS, 0);
      ((FloatVector)
              pairs
                  .lanewise(VectorOperators.LSHR, shift)
                  .and(15)
                  .convertShape(VectorOperators.I2F, SPECIES, 0))
          .sub(zero)
          .mul(scale)
          .intoArray(y, yFrom + row * width);
    }
  }
}
