package dev.tinytitan.kernel;

/** Element-wise functions in plain loops. */
final class PortableElementOperations implements ElementOperations {

  @Override
  public void map(ElementFunction function, float[] x, int xFrom, float[] y, int yFrom, int count) {
    float alpha = function.alpha();
    float beta = function.beta();
    switch (function.kind()) {
      case ABS -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Math.abs(x[xFrom + i]);
        }
      }
      case NEG -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = -x[xFrom + i];
        }
      }
      case CLIP -> clip(x, xFrom, alpha, beta, y, yFrom, count);
      case LEAKY_RELU -> {
        for (int i = 0; i < count; i++) {
          float v = x[xFrom + i];
          y[yFrom + i] = v < 0 ? alpha * v : v;
        }
      }
      case ELU -> {
        for (int i = 0; i < count; i++) {
          float v = x[xFrom + i];
          y[yFrom + i] = v < 0 ? alpha * (float) Math.expm1(v) : v;
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Approximations.sigmoid(x[xFrom + i]);
        }
      }
      case HARD_SIGMOID -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Math.max(0, Math.min(1, alpha * x[xFrom + i] + beta));
        }
      }
      case HARD_SWISH -> {
        for (int i = 0; i < count; i++) {
          float v = x[xFrom + i];
          y[yFrom + i] = v * Math.max(0, Math.min(1, v * (1 / 6f) + 0.5f));
        }
      }
      case SWISH -> {
        for (int i = 0; i < count; i++) {
          float v = x[xFrom + i];
          y[yFrom + i] = v * Approximations.sigmoid(alpha * v);
        }
      }
      case TANH -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Approximations.tanh(x[xFrom + i]);
        }
      }
      case ERF -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Approximations.erf(x[xFrom + i]);
        }
      }
      case GELU -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Approximations.gelu(x[xFrom + i]);
        }
      }
      case GELU_TANH -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Approximations.geluTanh(x[xFrom + i]);
        }
      }
      case EXP -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Approximations.exp(x[xFrom + i]);
        }
      }
      case SQRT -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = (float) Math.sqrt(x[xFrom + i]);
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = 1 / x[xFrom + i];
        }
      }
    }
  }

  private static void clip(
      float[] x, int xFrom, float low, float high, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = Math.max(low, Math.min(high, x[xFrom + i]));
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
      case ADD -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] + b[bFrom + i];
        }
      }
      case SUB -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] - b[bFrom + i];
        }
      }
      case MUL -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] * b[bFrom + i];
        }
      }
      case DIV -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] / b[bFrom + i];
        }
      }
      case MIN -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Math.min(a[aFrom + i], b[bFrom + i]);
        }
      }
      case MAX -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Math.max(a[aFrom + i], b[bFrom + i]);
        }
      }
    }
  }

  @Override
  public void combineWithScalar(
      PairFunction function, float[] a, int aFrom, float b, float[] y, int yFrom, int count) {
    switch (function) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] + b;
        }
      }
      case SUB -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] - b;
        }
      }
      case MUL -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] * b;
        }
      }
      case DIV -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a[aFrom + i] / b;
        }
      }
      case MIN -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Math.min(a[aFrom + i], b);
        }
      }
      case MAX -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = Math.max(a[aFrom + i], b);
        }
      }
    }
  }

  @Override
  public void combineScalarWith(
      PairFunction function, float a, float[] b, int bFrom, float[] y, int yFrom, int count) {
    switch (function) {
      case SUB -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a - b[bFrom + i];
        }
      }
      case DIV -> {
        for (int i = 0; i < count; i++) {
          y[yFrom + i] = a / b[bFrom + i];
        }
      }
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
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = Math.max(low, Math.min(high, a[aFrom + i] + b[bFrom + i]));
    }
  }
}
