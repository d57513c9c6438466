package dev.tinytitan.op;

/**
 * The discrete Fourier transform of one line, by the method of Cooley and Tukey (1965): even
 * lengths are split, odd ones summed directly.
 */
final class FourierTransform {
  private FourierTransform() {}

  /** Complex numbers: real and imaginary parts. */
  static final class Line {
    private final double[] real;
    private final double[] imaginary;

    private Line(int length) {
      this.real = new double[length];
      this.imaginary = new double[length];
    }

    /** Zeros. */
    static Line zeros(int length) {
      return new Line(length);
    }

    /** The real parts, to be read and written. */
    double[] real() {
      return real;
    }

    /** The imaginary parts, to be read and written. */
    double[] imaginary() {
      return imaginary;
    }

    /** How many numbers there are. */
    int length() {
      return real.length;
    }
  }

  /** The transform; the inverse one is divided by the length. */
  static Line transform(Line line, boolean inverse) {
    Line result = unscaled(line, inverse ? 1 : -1);
    if (inverse) {
      for (int i = 0; i < result.length(); i++) {
        result.real[i] /= result.length();
        result.imaginary[i] /= result.length();
      }
    }
    return result;
  }

  private static Line unscaled(Line line, int sign) {
    int length = line.length();
    if (length % 2 != 0 || length == 0) {
      return direct(line, sign);
    }
    int half = length / 2;
    Line even = Line.zeros(half);
    Line odd = Line.zeros(half);
    for (int i = 0; i < half; i++) {
      even.real[i] = line.real[2 * i];
      even.imaginary[i] = line.imaginary[2 * i];
      odd.real[i] = line.real[2 * i + 1];
      odd.imaginary[i] = line.imaginary[2 * i + 1];
    }
    even = unscaled(even, sign);
    odd = unscaled(odd, sign);
    Line result = Line.zeros(length);
    for (int i = 0; i < half; i++) {
      double angle = sign * 2 * Math.PI * i / length;
      double cosine = Math.cos(angle);
      double sine = Math.sin(angle);
      double real = cosine * odd.real[i] - sine * odd.imaginary[i];
      double imaginary = cosine * odd.imaginary[i] + sine * odd.real[i];
      result.real[i] = even.real[i] + real;
      result.imaginary[i] = even.imaginary[i] + imaginary;
      result.real[i + half] = even.real[i] - real;
      result.imaginary[i + half] = even.imaginary[i] - imaginary;
    }
    return result;
  }

  private static Line direct(Line line, int sign) {
    int length = line.length();
    double[] cosines = new double[length];
    double[] sines = new double[length];
    for (int i = 0; i < length; i++) {
      cosines[i] = Math.cos(2 * Math.PI * i / length);
      sines[i] = sign * Math.sin(2 * Math.PI * i / length);
    }
    Line result = Line.zeros(length);
    for (int k = 0; k < length; k++) {
      double real = 0;
      double imaginary = 0;
      int at = 0;
      for (int i = 0; i < length; i++) {
        real += line.real[i] * cosines[at] - line.imaginary[i] * sines[at];
        imaginary += line.real[i] * sines[at] + line.imaginary[i] * cosines[at];
        at += k;
        at -= at >= length ? length : 0;
      }
      result.real[k] = real;
      result.imaginary[k] = imaginary;
    }
    return result;
  }
}
