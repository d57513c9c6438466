package dev.tinytitan.kernel;

/**
 * Element-wise functions in plain loops. The JVM's compiler vectorizes loops over arrays that are
 * walked with one index, as it then knows how they overlap; so an input that begins elsewhere is
 * first copied to where the result is to be.
 */
final class PortableElementOperations implements ElementOperations {

  @Override
  public void map(ElementFunction function, float[] x, int xFrom, float[] y, int yFrom, int count) {
    if (x != y || xFrom != yFrom) {
      System.arraycopy(x, xFrom, y, yFrom, count);
    }
    map(function, y, yFrom, yFrom + count);
  }

  private static void map(ElementFunction function, float[] y, int from, int to) {
    float alpha = function.alpha();
    float beta = function.beta();
    switch (function.kind()) {
      case ABS -> {
        for (int i = from; i < to; i++) {
          y[i] = Math.abs(y[i]);
        }
      }
      case NEG -> {
        for (int i = from; i < to; i++) {
          y[i] = -y[i];
        }
      }
      case CLIP -> clip(y, from, to, alpha, beta);
      case LEAKY_RELU -> {
        for (int i = from; i < to; i++) {
          float v = y[i];
          y[i] = v < 0 ? alpha * v : v;
        }
      }
      case ELU -> {
        for (int i = from; i < to; i++) {
          float v = y[i];
          y[i] = v < 0 ? alpha * (float) Math.expm1(v) : v;
        }
      }
      case SIGMOID -> {
        for (int i = from; i < to; i++) {
          y[i] = Approximations.sigmoid(y[i]);
        }
      }
      case HARD_SIGMOID -> {
        for (int i = from; i < to; i++) {
          y[i] = Math.max(0, Math.min(1, alpha * y[i] + beta));
        }
      }
      case HARD_SWISH -> {
        for (int i = from; i < to; i++) {
          float v = y[i];
          y[i] = v * Math.max(0, Math.min(1, v * (1 / 6f) + 0.5f));
        }
      }
      case SWISH -> {
        for (int i = from; i < to; i++) {
          float v = y[i];
          y[i] = v * Approximations.sigmoid(alpha * v);
        }
      }
      case TANH -> {
        for (int i = from; i < to; i++) {
          y[i] = Approximations.tanh(y[i]);
        }
      }
      case ERF -> {
        for (int i = from; i < to; i++) {
          y[i] = Approximations.erf(y[i]);
        }
      }
      case GELU -> {
        for (int i = from; i < to; i++) {
          y[i] = Approximations.gelu(y[i]);
        }
      }
      case GELU_TANH -> {
        for (int i = from; i < to; i++) {
          y[i] = Approximations.geluTanh(y[i]);
        }
      }
      case EXP -> {
        for (int i = from; i < to; i++) {
          y[i] = Approximations.exp(y[i]);
        }
      }
      case SQRT -> {
        for (int i = from; i < to; i++) {
          y[i] = (float) Math.sqrt(y[i]);
        }
      }
      case RECIPROCAL -> {
        for (int i = from; i < to; i++) {
          y[i] = 1 / y[i];
        }
      }
    }
  }

  private static void clip(float[] y, int from, int to, float low, float high) {
    for (int i = from; i < to; i++) {
      y[i] = Math.max(low, Math.min(high, y[i]));
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
    int to = yFrom + count;
    if (aFrom == yFrom && bFrom == yFrom) {
      combine(function, a, b, y, yFrom, to);
    } else if (aFrom == yFrom && a != y) {
      System.arraycopy(b, bFrom, y, yFrom, count);
      combine(function, a, y, y, yFrom, to);
    } else if (bFrom == yFrom && b != y) {
      System.arraycopy(a, aFrom, y, yFrom, count);
      combine(function, y, b, y, yFrom, to);
    } else {
      for (int i = 0; i < count; i++) {
        y[yFrom + i] = function.apply(a[aFrom + i], b[bFrom + i]);
      }
    }
  }

  private static void combine(
      PairFunction function, float[] a, float[] b, float[] y, int from, int to) {
    switch (function) {
      case ADD -> {
        for (int i = from; i < to; i++) {
          y[i] = a[i] + b[i];
        }
      }
      case SUB -> {
        for (int i = from; i < to; i++) {
          y[i] = a[i] - b[i];
        }
      }
      case MUL -> {
        for (int i = from; i < to; i++) {
          y[i] = a[i] * b[i];
        }
      }
      case DIV -> {
        for (int i = from; i < to; i++) {
          y[i] = a[i] / b[i];
        }
      }
      case MIN -> {
        for (int i = from; i < to; i++) {
          y[i] = Math.min(a[i], b[i]);
        }
      }
      case MAX -> {
        for (int i = from; i < to; i++) {
          y[i] = Math.max(a[i], b[i]);
        }
      }
    }
  }

  @Override
  public void combineWithScalar(
      PairFunction function, float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    if (a != y || aFrom != yFrom) {
      System.arraycopy(a, aFrom, y, yFrom, count);
    }
    int to = yFrom + count;
    switch (function) {
      case ADD -> {
        for (int i = yFrom; i < to; i++) {
          y[i] = y[i] + b;
        }
      }
      case SUB -> {
        for (int i = yFrom; i < to; i++) {
          y[i] = y[i] - b;
        }
      }
      case MUL -> {
        for (int i = yFrom; i < to; i++) {
          y[i] = y[i] * b;
        }
      }
      case DIV -> {
        for (int i = yFrom; i < to; i++) {
          y[i] = y[i] / b;
        }
      }
      case MIN -> {
        for (int i = yFrom; i < to; i++) {
          y[i] = Math.min(y[i], b);
        }
      }
      case MAX -> {
        for (int i = yFrom; i < to; i++) {
          y[i] = Math.max(y[i], b);
        }
      }
    }
  }

  @Override
  public void combineScalarWith(
      PairFunction function, float a, float[] b, int bFrom, float[] y, int yFrom, int count) {
    if (function != PairFunction.SUB && function != PairFunction.DIV) {
      combineWithScalar(function, b, bFrom, a, y, yFrom, count);
      return;
    }
    if (b != y || bFrom != yFrom) {
      System.arraycopy(b, bFrom, y, yFrom, count);
    }
    int to = yFrom + count;
    if (function == PairFunction.SUB) {
      for (int i = yFrom; i < to; i++) {
        y[i] = a - y[i];
      }
    } else {
      for (int i = yFrom; i < to; i++) {
        y[i] = a / y[i];
      }
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
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = x[xFrom + i] * scale[scaleFrom + i] + shift[shiftFrom + i];
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
    combine(PairFunction.ADD, a, aFrom, b, bFrom, y, yFrom, count);
    clip(y, yFrom, yFrom + count, low, high);
  }
}
