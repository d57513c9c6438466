package dev.tinytitan.edge.learn;

import dev.tinytitan.op.WindowGeometry;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * An integer convolution that learns: bytes in, bytes out, with its activation in the range of the
 * bytes that it gives. What the way back needs of the way forward are these bytes. Gradients go
 * straight through the rounding, and not through what was cut off.
 *
 * <p>The gradient of the weights is made row by row, and each row moves at once: it never exists as
 * a whole. A number moves by its gradient over the root of its filter's mean square (as {@link
 * Stepper}, without a moving mean). Feature maps lie with their channels contiguous, one image at a
 * time. One thread at a time.
 */
final class CodedConvolution {
  private static final float KEEP_SQUARES = 0.99f;
  private static final float EPSILON = 1e-12f;

  /** A number moves at most so many learning rates in a run. */
  private static final float LIMIT = 3;

  /** Positions, or channels, of which gradients are copied at once. */
  private static final int BLOCK = 8;

  private final WindowGeometry geometry;
  private final ByteCodes in;
  private final ByteCodes out;
  private final int least;
  private final boolean depthwise;
  private final int channels;
  private final int filters;
  private final int taps;
  private final int positions;
  private final int area;
  private final CodedWeights weights;
  private final float[] bias;
  private final float[] squares;
  private float biasSquares;
  private boolean hasMoved;

  /**
   * @param layer what it computes
   * @param weights its weights, which it may change
   * @param bias one number for each filter, which it changes
   */
  CodedConvolution(CodedChain.Layer layer, CodedWeights weights, float[] bias) {
    this.geometry = layer.geometry();
    this.in = layer.in();
    this.out = layer.out();
    this.least = layer.least();
    this.depthwise = layer.isDepthwise();
    this.channels = layer.channels();
    this.filters = layer.filters();
    this.taps = geometry.kernelSize();
    this.positions = geometry.outputSize();
    this.area = geometry.inputSize();
    this.weights = weights;
    this.bias = bias;
    this.squares = new float[filters];
  }

  CodedWeights weights() {
    return weights;
  }

  float[] bias() {
    return bias;
  }

  long byteSize() {
    return weights.byteSize() + 4L * bias.length;
  }

  long optimizerBytes() {
    return 4L * squares.length + 4;
  }

  /** Floats of rows that a layer needs. */
  static int rowFloats(CodedChain.Layer layer) {
    int columns = Math.max(layer.channels(), layer.filters());
    int forward = layer.isDepthwise() ? (layer.geometry().kernelSize() + 1) * columns : columns;
    int planes = layer.isDepthwise() ? layer.geometry().outputSize() : layer.filters();
    return Math.max(forward, columns + BLOCK * planes);
  }

  /** True if the gradient of a layer's input can take the place of its output's. */
  static boolean isInPlace(CodedChain.Layer layer) {
    return layer.isDepthwise() || isPointwise(layer.geometry());
  }

  private static boolean isPointwise(WindowGeometry geometry) {
    return geometry.kernelSize() == 1 && geometry.inputSize() == geometry.outputSize();
  }

  /** Where one element of the window lies at each position; -1 in the padding. */
  private void place(int tap, CodedMemory memory) {
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, memory.window());
      memory.places()[position] = memory.window()[tap];
    }
  }

  /**
   * Computes the output. A depthwise layer leaves the gradient alone; another may write its output
   * over its input.
   */
  void forward(byte[] x, byte[] y, CodedMemory memory) {
    if (depthwise) {
      forwardDepthwise(x, y, memory);
    } else {
      forwardDense(x, y, memory);
    }
  }

  private void forwardDense(byte[] x, byte[] y, CodedMemory memory) {
    float[] sums = memory.gradient();
    for (int position = 0; position < positions; position++) {
      System.arraycopy(bias, 0, sums, position * filters, filters);
    }
    for (int tap = 0; tap < taps; tap++) {
      place(tap, memory);
      for (int channel = 0; channel < channels; channel++) {
        weights.read(tap * channels + channel, in.scale(), memory.rows(), 0);
        for (int position = 0; position < positions; position++) {
          int place = memory.places()[position];
          if (place >= 0) {
            int steps = in.steps(x[place * channels + channel]);
            addScaled(memory.rows(), 0, steps, sums, position * filters, filters);
          }
        }
      }
    }
    for (int i = 0; i < positions * filters; i++) {
      y[i] = out.code(sums[i], least);
    }
  }

  private void forwardDepthwise(byte[] x, byte[] y, CodedMemory memory) {
    float[] rows = memory.rows();
    int sums = taps * channels;
    for (int tap = 0; tap < taps; tap++) {
      weights.read(tap, in.scale(), rows, tap * channels);
    }
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, memory.window());
      System.arraycopy(bias, 0, rows, sums, channels);
      for (int tap = 0; tap < taps; tap++) {
        int place = memory.window()[tap];
        if (place >= 0) {
          for (int i = 0; i < channels; i++) {
            rows[sums + i] += in.steps(x[place * channels + i]) * rows[tap * channels + i];
          }
        }
      }
      for (int i = 0; i < channels; i++) {
        y[position * channels + i] = out.code(rows[sums + i], least);
      }
    }
  }

  /** Takes what was cut off out of the gradient by the output. */
  void mask(byte[] y, CodedMemory memory) {
    float[] gradient = memory.gradient();
    for (int i = 0; i < positions * filters; i++) {
      if (!out.isInside(y[i], least)) {
        gradient[i] = 0;
      }
    }
  }

  /**
   * Moves weights and bias, and turns the masked gradient by the output into the one by the input.
   * That is made with the moved weights: the old ones are not kept.
   *
   * @param passesOn whether the gradient by the input is wanted
   * @param rate about the most that a number moves
   * @return false if a gradient is not finite; then nothing more moves
   */
  boolean backward(
      byte[] x, boolean passesOn, float rate, CodedMemory memory, SplittableRandom random) {
    float[] gradient = memory.gradient();
    for (int filter = 0; filter < filters; filter++) {
      memory.rates()[filter] = rate / ((float) Math.sqrt(squares[filter]) + EPSILON);
    }
    // The first gradients say how large gradients are; nothing moves by them.
    float limit = hasMoved ? LIMIT * rate : 0;
    Arrays.fill(memory.rows(), 0, filters, 0f);
    if (!moveBias(gradient, rate, limit, memory) || !moveWeights(x, limit, memory, random)) {
      return false;
    }
    hasMoved = true;
    if (passesOn) {
      if (depthwise) {
        turnDepthwise(gradient, memory);
      } else if (isPointwise(geometry)) {
        turnPointwise(gradient, memory);
      } else {
        turnDense(gradient, memory);
      }
    }
    return true;
  }

  private boolean moveBias(float[] gradient, float rate, float limit, CodedMemory memory) {
    float[] sums = memory.rows();
    for (int position = 0; position < positions; position++) {
      addScaled(gradient, position * filters, 1, sums, 0, filters);
    }
    double mean = 0;
    for (int filter = 0; filter < filters; filter++) {
      mean += (double) sums[filter] * sums[filter] / filters;
    }
    if (!Double.isFinite(mean)) {
      return false;
    }
    float biasRate = rate / ((float) Math.sqrt(biasSquares) + EPSILON);
    for (int filter = 0; filter < filters; filter++) {
      bias[filter] -= Math.clamp(biasRate * sums[filter], -limit, limit);
    }
    biasSquares = hasMoved ? moved(biasSquares, mean) : (float) mean;
    return true;
  }

  private static float moved(float squares, double mean) {
    return (float) (KEEP_SQUARES * squares + (1 - KEEP_SQUARES) * mean);
  }

  private boolean moveWeights(byte[] x, float limit, CodedMemory memory, SplittableRandom random) {
    float[] row = memory.rows();
    int rowCount = taps * (depthwise ? 1 : channels);
    int sums = filters;
    Arrays.fill(row, sums, sums + filters, 0f);
    for (int tap = 0; tap < taps; tap++) {
      place(tap, memory);
      int groupChannels = depthwise ? 1 : channels;
      for (int channel = 0; channel < groupChannels; channel++) {
        if (depthwise) {
          sumDepthwise(x, memory);
        } else {
          sumDense(x, channel, memory);
        }
        for (int filter = 0; filter < filters; filter++) {
          row[sums + filter] += row[filter] * row[filter] / rowCount;
        }
        if (limit > 0) {
          weights.step(tap * groupChannels + channel, row, 0, memory.rates(), limit, random);
        }
      }
    }
    for (int filter = 0; filter < filters; filter++) {
      float mean = row[sums + filter];
      if (!Float.isFinite(mean)) {
        return false;
      }
      squares[filter] = hasMoved ? moved(squares[filter], mean) : mean;
    }
    return true;
  }

  private void sumDense(byte[] x, int channel, CodedMemory memory) {
    float[] row = memory.rows();
    Arrays.fill(row, 0, filters, 0f);
    for (int position = 0; position < positions; position++) {
      int place = memory.places()[position];
      if (place >= 0) {
        float value = in.scale() * in.steps(x[place * channels + channel]);
        addScaled(memory.gradient(), position * filters, value, row, 0, filters);
      }
    }
  }

  private void sumDepthwise(byte[] x, CodedMemory memory) {
    float[] row = memory.rows();
    float[] gradient = memory.gradient();
    Arrays.fill(row, 0, filters, 0f);
    for (int position = 0; position < positions; position++) {
      int place = memory.places()[position];
      if (place >= 0) {
        for (int i = 0; i < filters; i++) {
          row[i] +=
              in.scale() * in.steps(x[place * filters + i]) * gradient[position * filters + i];
        }
      }
    }
  }

  /** {@code sums += factor * x}. */
  private static void addScaled(
      float[] x, int from, float factor, float[] sums, int to, int count) {
    if (factor == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      sums[to + i] += factor * x[from + i];
    }
  }

  private static float product(float[] a, int aFrom, float[] b, int bFrom, int count) {
    float even = 0;
    float odd = 0;
    int i = 0;
    for (; i + 1 < count; i += 2) {
      even += a[aFrom + i] * b[bFrom + i];
      odd += a[aFrom + i + 1] * b[bFrom + i + 1];
    }
    return even + odd + (i < count ? a[aFrom + i] * b[bFrom + i] : 0);
  }

  /** Some positions at a time, from the side on which nothing is overwritten that is still read. */
  private void turnPointwise(float[] gradient, CodedMemory memory) {
    float[] rows = memory.rows();
    int blocks = Math.ceilDiv(positions, BLOCK);
    for (int i = 0; i < blocks; i++) {
      int first = BLOCK * (channels <= filters ? i : blocks - 1 - i);
      int count = Math.min(BLOCK, positions - first);
      System.arraycopy(gradient, first * filters, rows, filters, count * filters);
      for (int channel = 0; channel < channels; channel++) {
        weights.read(channel, 1, rows, 0);
        for (int k = 0; k < count; k++) {
          gradient[(first + k) * channels + channel] =
              product(rows, 0, rows, filters + k * filters, filters);
        }
      }
    }
  }

  /** Some channels at a time. */
  private void turnDepthwise(float[] gradient, CodedMemory memory) {
    float[] rows = memory.rows();
    for (int first = 0; first < channels; first += BLOCK) {
      int count = Math.min(BLOCK, channels - first);
      for (int position = 0; position < positions; position++) {
        System.arraycopy(
            gradient, position * channels + first, rows, channels + position * BLOCK, count);
      }
      for (int place = 0; place < area; place++) {
        Arrays.fill(gradient, place * channels + first, place * channels + first + count, 0f);
      }
      for (int tap = 0; tap < taps; tap++) {
        place(tap, memory);
        weights.read(tap, 1, rows, 0);
        for (int position = 0; position < positions; position++) {
          int place = memory.places()[position];
          if (place >= 0) {
            for (int k = 0; k < count; k++) {
              gradient[place * channels + first + k] +=
                  rows[channels + position * BLOCK + k] * rows[first + k];
            }
          }
        }
      }
    }
  }

  private void turnDense(float[] gradient, CodedMemory memory) {
    float[] made = memory.spare();
    float[] rows = memory.rows();
    Arrays.fill(made, 0, area * channels, 0f);
    for (int tap = 0; tap < taps; tap++) {
      place(tap, memory);
      for (int channel = 0; channel < channels; channel++) {
        weights.read(tap * channels + channel, 1, rows, 0);
        for (int position = 0; position < positions; position++) {
          int place = memory.places()[position];
          if (place >= 0) {
            made[place * channels + channel] +=
                product(rows, 0, gradient, position * filters, filters);
          }
        }
      }
    }
    System.arraycopy(made, 0, gradient, 0, area * channels);
  }

  /** Forgets how large gradients were. */
  void reset() {
    Arrays.fill(squares, 0f);
    biasSquares = 0;
    hasMoved = false;
  }
}
