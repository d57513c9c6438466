package dev.tinytitan.edge.learn;

import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Learns a whole {@link CodedChain} and what stands behind it in little memory (after Lin et al.
 * 2022, On-Device Training Under 256KB Memory): feature maps are kept as the model's own bytes;
 * those of depthwise layers, which cost little, are computed again, and the last one is read at
 * once; one gradient is made over the other in one array; each layer moves as soon as its gradient
 * is there, so no two gradients of weights exist at a time; weights are kept in 16 bits. One sample
 * at a time: each run moves.
 */
final class CodedTrainer implements StepRunner {
  private final CodedChain chain;
  private final TailTrainer head;
  private final Tail headTail;
  private final List<CodedConvolution> layers = new ArrayList<>();

  /** What each layer gives; one spare array for all that is not kept. */
  private final List<byte[]> outputs = new ArrayList<>();

  private final boolean[] isKept;
  private final Tensor cut;
  private final byte[] input;
  private final CodedMemory memory;
  private final long codeBytes;
  private final SplittableRandom random;
  private float rate;

  /**
   * @param model what the chain was read from
   * @param headTail what stands behind the chain, as {@link TailBuilder#behind} gives it
   * @param seed of the rounding
   */
  CodedTrainer(Graph model, CodedChain chain, Tail headTail, SessionOptions options, long seed) {
    this.chain = chain;
    this.headTail = headTail;
    this.head = new TailTrainer(model, headTail, options, seed);
    this.random = new SplittableRandom(seed);
    List<CodedChain.Layer> parts = chain.layers();
    this.isKept = kept(parts);
    int spare = 0;
    long kept = 0;
    for (int i = 0; i < parts.size(); i++) {
      CodedChain.Layer layer = parts.get(i);
      LearnableTensor weights = layer.weights();
      CodedWeights codes =
          new CodedWeights(
              weights,
              model.constant(weights.stored()).orElseThrow(),
              weights.pruned(model).isPresent());
      layers.add(new CodedConvolution(layer, codes, layer.bias().values(model)));
      if (isKept[i]) {
        kept += layer.outputSize();
      } else {
        spare = Math.max(spare, layer.outputSize());
      }
    }
    byte[] shared = new byte[spare];
    for (int i = 0; i < parts.size(); i++) {
      outputs.add(isKept[i] ? new byte[parts.get(i).outputSize()] : shared);
    }
    CodedChain.Layer first = parts.getFirst();
    DType dtype = first.in().flip() == 0 ? DType.UINT8 : DType.INT8;
    this.cut = Tensor.zeros(dtype, first.input());
    boolean isSameOrder = first.channels() == 1 || first.geometry().inputSize() == 1;
    this.input = isSameOrder ? cut.byteArray() : new byte[first.inputSize()];
    this.codeBytes = kept + spare + (isSameOrder ? 1L : 2L) * first.inputSize();
    this.memory = memory(parts);
  }

  /**
   * Not kept: depthwise layers between others, and the last one, whose output is read before
   * another is computed again. A layer that is not depthwise may write over its input.
   */
  private static boolean[] kept(List<CodedChain.Layer> layers) {
    boolean[] kept = new boolean[layers.size()];
    int last = kept.length - 1;
    for (int i = 0; i <= last; i++) {
      boolean isBehindKept = i == 0 || kept[i - 1];
      kept[i] =
          i == last
              ? layers.get(i).isDepthwise() && !isBehindKept
              : i == 0 || !layers.get(i).isDepthwise() || !isBehindKept;
    }
    return kept;
  }

  private static CodedMemory memory(List<CodedChain.Layer> layers) {
    int gradient = 0;
    int made = 0;
    int rows = 0;
    int rates = 0;
    int positions = 0;
    int taps = 0;
    for (int i = 0; i < layers.size(); i++) {
      CodedChain.Layer layer = layers.get(i);
      gradient = Math.max(gradient, layer.outputSize());
      if (i > 0) {
        gradient = Math.max(gradient, layer.inputSize());
        made = Math.max(made, CodedConvolution.isInPlace(layer) ? 0 : layer.inputSize());
      }
      rows = Math.max(rows, CodedConvolution.rowFloats(layer));
      rates = Math.max(rates, layer.filters());
      positions = Math.max(positions, layer.geometry().outputSize());
      taps = Math.max(taps, layer.geometry().kernelSize());
    }
    return new CodedMemory(
        new float[gradient],
        new float[made],
        new float[rows],
        new float[rates],
        new int[positions],
        new int[Math.max(1, taps)]);
  }

  @Override
  public long byteSize() {
    long own = layers.stream().mapToLong(CodedConvolution::byteSize).sum();
    return codeBytes
        + memory.byteSize()
        + own
        + head.byteSize()
        - head.optimizerBytes()
        + optimizerBytes();
  }

  @Override
  public long optimizerBytes() {
    return head.optimizerBytes()
        + layers.stream().mapToLong(CodedConvolution::optimizerBytes).sum();
  }

  @Override
  public Tensor cut(String name) {
    return cut;
  }

  @Override
  public float[] targets() {
    return head.targets();
  }

  @Override
  public Shape logitsShape() {
    return head.logitsShape();
  }

  @Override
  public void begin(float newRate) {
    rate = newRate;
    head.begin(newRate);
  }

  @Override
  public double run(float share, float clip) {
    forward();
    double loss = head.run(share, clip);
    return Double.isFinite(loss) && backward(rate * share) ? loss : Double.NaN;
  }

  private byte[] inputOf(int layer) {
    return layer == 0 ? input : outputs.get(layer - 1);
  }

  private void forward() {
    CodedChain.Layer first = chain.layers().getFirst();
    byte[] given = cut.byteArray();
    if (given != input) {
      int area = first.geometry().inputSize();
      int channels = first.channels();
      for (int i = 0; i < first.inputSize(); i++) {
        input[i % area * channels + i / area] = given[i];
      }
    }
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).forward(inputOf(i), outputs.get(i), memory);
    }
    byte[] last = outputs.getLast();
    float[] means = head.cut(chain.end()).floatArray();
    int channels = chain.layers().getLast().filters();
    int places = chain.layers().getLast().geometry().outputSize();
    for (int channel = 0; channel < channels; channel++) {
      int sum = 0;
      for (int i = channel; i < places * channels; i += channels) {
        sum += chain.endCodes().steps(last[i]);
      }
      means[channel] = sum * chain.endCodes().scale() / places;
    }
  }

  private boolean backward(float runRate) {
    float[] byMean = head.gradient(chain.end());
    float[] gradient = memory.gradient();
    int channels = chain.layers().getLast().filters();
    int size = chain.layers().getLast().outputSize();
    for (int i = 0; i < size; i++) {
      gradient[i] = byMean[i % channels] * channels / size;
    }
    for (int i = layers.size() - 1; i >= 0; i--) {
      layers.get(i).mask(outputs.get(i), memory);
      if (i > 0 && !isKept[i - 1]) {
        layers.get(i - 1).forward(inputOf(i - 1), outputs.get(i - 1), memory);
      }
      if (!layers.get(i).backward(inputOf(i), i > 0, runRate, memory, random)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void finish() {
    head.finish();
  }

  @Override
  public Map<String, Tensor> learned() {
    Map<String, Tensor> stored = new LinkedHashMap<>(head.learned());
    for (int i = 0; i < layers.size(); i++) {
      CodedChain.Layer part = chain.layers().get(i);
      stored.put(part.weights().stored(), layers.get(i).weights().stored());
      stored.put(part.bias().stored(), part.bias().stored(layers.get(i).bias()));
    }
    return stored;
  }

  @Override
  public List<float[]> snapshot() {
    List<float[]> copies = new ArrayList<>(head.snapshot());
    for (CodedConvolution layer : layers) {
      copies.add(layer.weights().snapshot());
      copies.add(layer.bias().clone());
    }
    return copies;
  }

  @Override
  public void restore(List<float[]> snapshot) {
    int heads = headTail.parts().size();
    head.restore(snapshot.subList(0, heads));
    for (int i = 0; i < layers.size(); i++) {
      CodedConvolution layer = layers.get(i);
      layer.weights().restore(snapshot.get(heads + 2 * i));
      float[] bias = snapshot.get(heads + 2 * i + 1);
      System.arraycopy(bias, 0, layer.bias(), 0, bias.length);
      layer.reset();
    }
  }

  @Override
  public void close() {
    head.close();
  }
}
