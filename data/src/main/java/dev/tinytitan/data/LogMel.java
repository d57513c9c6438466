package dev.tinytitan.data;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Log;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MelWeightMatrix;
import dev.tinytitan.op.ReduceSumSquare;
import dev.tinytitan.op.STFT;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Sound as pictures: the logarithm of the power in mel bands of short frames (Davis and Mermelstein
 * 1980), which networks for speech read.
 *
 * <p>The computation is itself an ONNX model, {@link #model}: on another machine, and in another
 * tool, it gives the same features. Safe to share between threads. Close it to free its memory.
 */
public final class LogMel implements AutoCloseable {
  /** Added to powers, so that silence has a logarithm. */
  private static final float FLOOR = 1e-6f;

  private static final int OPSET = 17;

  /**
   * How sound is cut and which bands there are.
   *
   * @param rate samples a second
   * @param frame samples of a frame, which a Hann window weighs
   * @param step samples from one frame to the next
   * @param bands mel bands
   * @param low the lowest frequency in hertz
   * @param high the highest frequency in hertz, at most half of the rate
   */
  public record Options(int rate, int frame, int step, int bands, double low, double high) {
    public Options {
      if (rate < 1 || frame < 2 || step < 1 || bands < 1) {
        throw new IllegalArgumentException(
            rate + " samples a second, frames of " + frame + " every " + step + ", bands " + bands);
      }
      if (!(low >= 0) || !(high > low) || high > rate / 2.0) {
        throw new IllegalArgumentException(
            "bands from " + low + " to " + high + " hertz at " + rate + " samples a second");
      }
    }

    /** Frames of 32 ms every 16 ms, 32 bands from 60 Hz up to half of the rate. */
    public static Options of(int rate) {
      return new Options(rate, rate * 32 / 1000, rate * 16 / 1000, 32, 60, rate / 2.0);
    }

    /** How many frames fit this many samples. */
    public int frames(int samples) {
      return samples < frame ? 0 : (samples - frame) / step + 1;
    }
  }

  private final Options options;
  private final Model model;
  private final Session session;

  private LogMel(Options options) {
    this.options = options;
    this.model = Model.of(graph(options), ModelInfo.of(OPSET));
    this.session = model.open(SessionOptions.defaults().withThreads(1));
  }

  /** Makes ready. */
  public static LogMel of(Options options) {
    return new LogMel(options);
  }

  /** How sound is cut and which bands there are. */
  public Options options() {
    return options;
  }

  /** From {@code sound [1, samples, 1]} to {@code features [1, bands, frames]}. */
  public Model model() {
    return model;
  }

  /**
   * Features of a piece of sound.
   *
   * @param sound at least one frame, usually from -1 to 1
   * @return {@code [bands, frames]}, row-major
   * @throws IllegalArgumentException if the sound is shorter than a frame
   */
  public float[] features(float[] sound) {
    if (sound.length < options.frame()) {
      throw new IllegalArgumentException(
          "a sound of " + sound.length + " samples, shorter than a frame of " + options.frame());
    }
    Tensor input = Tensor.of(sound, 1, sound.length, 1);
    return session.run(Map.of("sound", input)).values().iterator().next().toFloatArray();
  }

  @Override
  public void close() {
    session.close();
  }

  private static Graph graph(Options options) {
    float[] window = new float[options.frame()];
    for (int i = 0; i < window.length; i++) {
      window[i] = (float) (0.5 - 0.5 * StrictMath.cos(2 * Math.PI * i / window.length));
    }
    List<Dim> dims = List.of(Dim.of(1), new Dim.Symbol("samples"), Dim.of(1));
    List<Dim> result = List.of(Dim.of(1), Dim.of(options.bands()), new Dim.Symbol("frames"));
    return Graph.builder("log-mel")
        .input("sound", new TensorType(DType.FLOAT32, dims))
        .initializer("step", Tensor.scalar((long) options.step()))
        .initializer("window", Tensor.of(window, window.length))
        .initializer("bands", Tensor.scalar((long) options.bands()))
        .initializer("length", Tensor.scalar((long) options.frame()))
        .initializer("rate", Tensor.scalar((long) options.rate()))
        .initializer("low", Tensor.scalar((float) options.low()))
        .initializer("high", Tensor.scalar((float) options.high()))
        .initializer("parts", Tensor.of(new long[] {3}, 1))
        .initializer("floor", Tensor.scalar(FLOOR))
        .node(new STFT(true), List.of("sound", "step", "window"), "spectra")
        .node(new ReduceSumSquare(false, false), List.of("spectra", "parts"), "powers")
        .node(
            new MelWeightMatrix(DType.FLOAT32),
            List.of("bands", "length", "rate", "low", "high"),
            "triangles")
        .node(new MatMul(), List.of("powers", "triangles"), "energies")
        .node(new Add(), List.of("energies", "floor"), "floored")
        .node(new Log(), List.of("floored"), "logarithms")
        .node(Transpose.of(0, 2, 1), List.of("logarithms"), "features")
        .output("features", new TensorType(DType.FLOAT32, result))
        .build();
  }
}
