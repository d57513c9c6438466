package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** One loop for each function of two floats, on arrays or on an array and one number. */
final class PairLoops {
  private PairLoops() {}

  private static FloatVector load(float[] x, int from) {
    return FloatVector.fromArray(SPECIES, x, from);
  }

  private static FloatVector load(float[] x, int from, VectorMask<Float> mask) {
    return FloatVector.fromArray(SPECIES, x, from, mask);
  }

  static void add(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).add(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask)
          .add(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void add(float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).add(b).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask).add(b).intoArray(y, yFrom + bound, mask);
    }
  }

  static void sub(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).sub(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask)
          .sub(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void sub(float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).sub(b).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask).sub(b).intoArray(y, yFrom + bound, mask);
    }
  }

  static void mul(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).mul(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask)
          .mul(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void mul(float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).mul(b).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask).mul(b).intoArray(y, yFrom + bound, mask);
    }
  }

  static void div(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).div(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask)
          .div(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void div(float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).div(b).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask).div(b).intoArray(y, yFrom + bound, mask);
    }
  }

  static void min(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).min(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask)
          .min(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void min(float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).min(b).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask).min(b).intoArray(y, yFrom + bound, mask);
    }
  }

  static void max(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).max(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask)
          .max(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void max(float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(a, aFrom + i).max(b).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      load(a, aFrom + bound, mask).max(b).intoArray(y, yFrom + bound, mask);
    }
  }

  static void sub(float a, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.broadcast(SPECIES, a).sub(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector.broadcast(SPECIES, a)
          .sub(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }

  static void div(float a, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.broadcast(SPECIES, a).div(load(b, bFrom + i)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector.broadcast(SPECIES, a)
          .div(load(b, bFrom + bound, mask))
          .intoArray(y, yFrom + bound, mask);
    }
  }
}
