package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.ElementFunction;
import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.PairFunction;
import dev.tinytitan.kernel.VectorOperations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Element-wise functions, a vector at a time. */
final class SimdElementOperations implements ElementOperations {
  /** For what is less than a vector. */
  private final ElementOperations rest = VectorOperations.portable().elements();

  @Override
  public void map(ElementFunction function, float[] x, int xFrom, float[] y, int yFrom, int count) {
    int whole = SPECIES.loopBound(count);
    mapVectors(function, x, xFrom, y, yFrom, whole);
    if (whole < count) {
      rest.map(function, x, xFrom + whole, y, yFrom + whole, count - whole);
    }
  }

  private static void mapVectors(
      ElementFunction function, float[] x, int xFrom, float[] y, int yFrom, int count) {
    float alpha = function.alpha();
    float beta = function.beta();
    switch (function.kind()) {
      case ABS -> FunctionLoops.abs(x, xFrom, y, yFrom, count);
      case NEG -> FunctionLoops.negate(x, xFrom, y, yFrom, count);
      case CLIP -> FunctionLoops.clip(x, xFrom, y, yFrom, count, alpha, beta);
      case LEAKY_RELU -> FunctionLoops.leakyRelu(x, xFrom, y, yFrom, count, alpha);
      case ELU -> FunctionLoops.elu(x, xFrom, y, yFrom, count, alpha);
      case SIGMOID -> FunctionLoops.sigmoid(x, xFrom, y, yFrom, count);
      case HARD_SIGMOID -> FunctionLoops.hardSigmoid(x, xFrom, y, yFrom, count, alpha, beta);
      case HARD_SWISH -> FunctionLoops.hardSwish(x, xFrom, y, yFrom, count);
      case SWISH -> FunctionLoops.swish(x, xFrom, y, yFrom, count, alpha);
      case TANH -> FunctionLoops.tanh(x, xFrom, y, yFrom, count);
      case ERF -> FunctionLoops.erf(x, xFrom, y, yFrom, count);
      case GELU -> FunctionLoops.gelu(x, xFrom, y, yFrom, count);
      case GELU_TANH -> FunctionLoops.geluTanh(x, xFrom, y, yFrom, count);
      case EXP -> FunctionLoops.exp(x, xFrom, y, yFrom, count);
      case SQRT -> FunctionLoops.sqrt(x, xFrom, y, yFrom, count);
      case RECIPROCAL -> FunctionLoops.reciprocal(x, xFrom, y, yFrom, count);
    }
  }

  @Override
  public void combine(
      PairFunction function,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] y,
      int yFrom,
      int count) {
    switch (function) {
      case ADD -> PairLoops.add(a, aFrom, b, bFrom, y, yFrom, count);
      case SUB -> PairLoops.sub(a, aFrom, b, bFrom, y, yFrom, count);
      case MUL -> PairLoops.mul(a, aFrom, b, bFrom, y, yFrom, count);
      case DIV -> PairLoops.div(a, aFrom, b, bFrom, y, yFrom, count);
      case MIN -> PairLoops.min(a, aFrom, b, bFrom, y, yFrom, count);
      case MAX -> PairLoops.max(a, aFrom, b, bFrom, y, yFrom, count);
    }
  }

  @Override
  public void combineWithScalar(
      PairFunction function, float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    switch (function) {
      case ADD -> PairLoops.add(a, aFrom, b, y, yFrom, count);
      case SUB -> PairLoops.sub(a, aFrom, b, y, yFrom, count);
      case MUL -> PairLoops.mul(a, aFrom, b, y, yFrom, count);
      case DIV -> PairLoops.div(a, aFrom, b, y, yFrom, count);
      case MIN -> PairLoops.min(a, aFrom, b, y, yFrom, count);
      case MAX -> PairLoops.max(a, aFrom, b, y, yFrom, count);
    }
  }

  @Override
  public void combineScalarWith(
      PairFunction function, float a, float[] b, int bFrom, float[] y, int yFrom, int count) {
    switch (function) {
      case SUB -> PairLoops.sub(a, b, bFrom, y, yFrom, count);
      case DIV -> PairLoops.div(a, b, bFrom, y, yFrom, count);
      case ADD, MUL, MIN, MAX -> combineWithScalar(function, b, bFrom, a, y, yFrom, count);
    }
  }

  @Override
  public void scaleAndShift(
      float[] x,
      int xFrom,
      float[] scale,
      int scaleFrom,
      float[] shift,
      int shiftFrom,
      float[] y,
      int yFrom,
      int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .fma(
              FloatVector.fromArray(SPECIES, scale, scaleFrom + i),
              FloatVector.fromArray(SPECIES, shift, shiftFrom + i))
          .intoArray(y, yFrom + i);
    }
    for (int i = bound; i < count; i++) {
      y[yFrom + i] = Math.fma(x[xFrom + i], scale[scaleFrom + i], shift[shiftFrom + i]);
    }
  }

  @Override
  public void addAndClip(
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float low,
      float high,
      float[] y,
      int yFrom,
      int count) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector sum =
          FloatVector.fromArray(SPECIES, a, aFrom + i)
              .add(FloatVector.fromArray(SPECIES, b, bFrom + i));
      Clipping.clip(sum, least, most).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector sum =
          FloatVector.fromArray(SPECIES, a, aFrom + bound, mask)
              .add(FloatVector.fromArray(SPECIES, b, bFrom + bound, mask));
      Clipping.clip(sum, least, most).intoArray(y, yFrom + bound, mask);
    }
  }
}
