package dev.tinytitan.kernel;

/**
 * The inner loops of element-wise functions, over pieces of arrays. The result may lie in the place
 * of an input, element over element, not shifted. Stateless.
 */
public interface ElementOperations {

  /** {@code y = f(x)}. */
  void map(ElementFunction function, float[] x, int xFrom, float[] y, int yFrom, int count);

  /** {@code y = f(a, b)}, element by element. */
  void combine(
      PairFunction function,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] y,
      int yFrom,
      int count);

  /** {@code y = f(a, b)} with one number b. */
  void combineWithScalar(
      PairFunction function, float[] a, int aFrom, float b, float[] y, int yFrom, int count);

  /** {@code y = f(a, b)} with one number a. */
  void combineScalarWith(
      PairFunction function, float a, float[] b, int bFrom, float[] y, int yFrom, int count);

  /** {@code y = x * scale + shift}, element by element. */
  void scaleAndShift(
      float[] x,
      int xFrom,
      float[] scale,
      int scaleFrom,
      float[] shift,
      int shiftFrom,
      float[] y,
      int yFrom,
      int count);

  /** {@code y = max(low, min(high, a + b))}; NaN stays NaN. */
  void addAndClip(
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float low,
      float high,
      float[] y,
      int yFrom,
      int count);
}
