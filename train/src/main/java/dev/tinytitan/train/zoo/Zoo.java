package dev.tinytitan.train.zoo;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Layer.Padding;
import dev.tinytitan.train.Network;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Small architectures by name. Weights are drawn from the seed. */
public final class Zoo {
  private static final Map<String, Architecture> ARCHITECTURES = architectures();

  private static final List<String> SIGNALS =
      List.of("cnn-1d", "gru", "lstm", "tcn", "transformer");
  private static final List<String> IMAGES = List.of("ds-cnn", "lenet5");

  /** The layers of an architecture, from the input to one number for each output. */
  @FunctionalInterface
  private interface Architecture {
    Layer build(Layer input, int outputs);
  }

  private Zoo() {}

  /** The names of all architectures, sorted. */
  public static List<String> names() {
    return List.copyOf(ARCHITECTURES.keySet());
  }

  /**
   * What a network is built for.
   *
   * @param input the shape of a sample: {@code [channels, height, width]} for images, {@code
   *     [channels, length]} for signals, {@code [features]} for rows
   * @param outputs the number of classes, or of values
   * @param classifies whether outputs are classes: then a softmax follows
   * @param mean what is taken off each element first
   * @param deviation what each element is divided by after that
   */
  public record Task(Shape input, int outputs, boolean classifies, double mean, double deviation) {}

  /**
   * A new network of this architecture.
   *
   * @throws IllegalArgumentException if there is no such architecture
   */
  public static Model build(String name, Task task, long seed) {
    Architecture architecture = ARCHITECTURES.get(name);
    if (architecture == null) {
      throw new IllegalArgumentException(
          "no architecture '" + name + "'; there are " + String.join(", ", names()));
    }
    Network network = new Network(name, seed);
    Layer input = network.input(task.input().toArray());
    if (task.mean() != 0 || task.deviation() != 1) {
      input = input.standardize(task.mean(), task.deviation());
    }
    Layer output = architecture.build(input, task.outputs());
    return task.classifies() ? network.classifier(output) : network.model(output);
  }

  /**
   * The shape in which an architecture takes samples: an image without channels gets one, a signal
   * without channels, too; rows become signals where the architecture is for signals.
   *
   * @param sample the shape of a sample in the data
   */
  public static Shape fitted(String name, Shape sample) {
    boolean signals = SIGNALS.contains(name);
    boolean images =
        IMAGES.contains(name) || name.startsWith("mobilenet") || name.startsWith("resnet8");
    if ((signals && sample.rank() == 1) || (images && sample.rank() == 2)) {
      int[] dims = new int[sample.rank() + 1];
      dims[0] = 1;
      System.arraycopy(sample.toArray(), 0, dims, 1, sample.rank());
      return Shape.of(dims);
    }
    if ((signals && sample.rank() != 2) || (images && sample.rank() != 3)) {
      throw new BadDataException(
          "The architecture '"
              + name
              + "' is for "
              + (signals ? "signals [channels, length]" : "images [channels, height, width]")
              + ", but a sample has the shape "
              + sample
              + ".");
    }
    return sample;
  }

  private static Map<String, Architecture> architectures() {
    Map<String, Architecture> all = new TreeMap<>();
    all.put("mlp", Zoo::mlp);
    all.put("lenet300", Zoo::lenet300);
    all.put("lenet5", Zoo::lenet5);
    all.put("ds-cnn", Zoo::dsCnn);
    all.put("resnet8", (input, outputs) -> resnet8(input, outputs, 1));
    all.put("resnet8-2.0", (input, outputs) -> resnet8(input, outputs, 2));
    all.put("mobilenet", (input, outputs) -> mobilenet(input, outputs, 0.25));
    all.put("mobilenet-0.5", (input, outputs) -> mobilenet(input, outputs, 0.5));
    all.put("mobilenet-1.0", (input, outputs) -> mobilenet(input, outputs, 1));
    all.put("autoencoder", Zoo::autoencoder);
    all.put("cnn-1d", Zoo::cnn1d);
    all.put("tcn", Zoo::tcn);
    all.put("gru", (input, outputs) -> input.transpose(1, 0).gru(64).dense(outputs));
    all.put("lstm", (input, outputs) -> input.transpose(1, 0).lstm(64).dense(outputs));
    all.put("transformer", Zoo::transformer);
    return Collections.unmodifiableMap(all);
  }

  /** Two hidden layers of 64. */
  private static Layer mlp(Layer x, int outputs) {
    return x.flatten().dense(64).relu().dense(64).relu().dense(outputs);
  }

  /** LeNet-300-100 (LeCun et al. 1998). */
  private static Layer lenet300(Layer x, int outputs) {
    return x.flatten().dense(300).relu().dense(100).relu().dense(outputs);
  }

  /**
   * LeNet-5 as Caffe has it: 20 and 50 filters of 5×5, 500 hidden units (after LeCun et al. 1998).
   */
  private static Layer lenet5(Layer x, int outputs) {
    return x.conv(20, 5, 1, 1, 1, Padding.VALID, true)
        .maxPool(2)
        .conv(50, 5, 1, 1, 1, Padding.VALID, true)
        .maxPool(2)
        .flatten()
        .dense(500)
        .relu()
        .dense(outputs);
  }

  /** The depthwise-separable network for keywords (Zhang et al. 2017), four blocks of 64. */
  private static Layer dsCnn(Layer x, int outputs) {
    x = x.conv(64, 4, 2).batchNorm().relu();
    for (int block = 0; block < 4; block++) {
      x = separable(x, 64, 1);
    }
    return x.dropout(0.2).globalAveragePool().dense(outputs);
  }

  private static Layer separable(Layer x, int filters, int stride) {
    return x.depthwise(3, stride).batchNorm().relu().conv(filters, 1, 1).batchNorm().relu();
  }

  /**
   * The ResNet of MLPerf Tiny (He et al. 2016; Banbury et al. 2021), stacks of 16, 32, 64, all
   * widths times a factor.
   */
  private static Layer resnet8(Layer x, int outputs, int width) {
    x = x.conv(16 * width, 3, 1).batchNorm().relu();
    x = residual(x, 16 * width, 1);
    x = residual(x, 32 * width, 2);
    x = residual(x, 64 * width, 2);
    return x.globalAveragePool().dense(outputs);
  }

  private static Layer residual(Layer x, int filters, int stride) {
    Layer y = x.conv(filters, 3, stride).batchNorm().relu().conv(filters, 3, 1).batchNorm();
    Layer shortcut = stride == 1 ? x : x.conv(filters, 1, stride);
    return shortcut.add(y).relu();
  }

  /** MobileNet (Howard et al. 2017), all widths times a factor. */
  private static Layer mobilenet(Layer x, int outputs, double alpha) {
    x = x.conv((int) (32 * alpha), 3, 2).batchNorm().relu();
    int[] filters = {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
    int[] strides = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
    for (int i = 0; i < filters.length; i++) {
      x = separable(x, (int) (filters[i] * alpha), strides[i]);
    }
    return x.globalAveragePool().dense(outputs);
  }

  /** The autoencoder of MLPerf Tiny: four layers of 128, a bottleneck of 8, four of 128. */
  private static Layer autoencoder(Layer x, int outputs) {
    x = x.flatten();
    for (int units : new int[] {128, 128, 128, 128, 8, 128, 128, 128, 128}) {
      x = x.dense(units).batchNorm().relu();
    }
    return x.dense(outputs);
  }

  /** Three convolutions over a signal, each halving its length. */
  private static Layer cnn1d(Layer x, int outputs) {
    for (int filters : new int[] {16, 32, 64}) {
      x = x.conv(filters, 5, 1).batchNorm().relu().maxPool(2);
    }
    return x.globalAveragePool().dropout(0.2).dense(outputs);
  }

  /** Temporal convolution: residual blocks of causal, ever wider convolutions (Bai et al. 2018). */
  private static Layer tcn(Layer x, int outputs) {
    x = x.conv(32, 1, 1);
    for (int dilation = 1; dilation <= 16; dilation *= 2) {
      Layer y = x.conv(32, 3, 1, dilation, 1, Padding.CAUSAL, false).batchNorm().relu();
      y = y.conv(32, 3, 1, dilation, 1, Padding.CAUSAL, false).batchNorm();
      x = x.add(y).relu();
    }
    return x.globalAveragePool().dense(outputs);
  }

  /** Two transformer encoder blocks of 64 features over a signal's places (Vaswani et al. 2017). */
  private static Layer transformer(Layer x, int outputs) {
    x = x.transpose(1, 0).dense(64).positions();
    for (int block = 0; block < 2; block++) {
      x = x.add(x.layerNorm().attention(4));
      x = x.add(x.layerNorm().dense(128).relu().dense(64));
    }
    return x.layerNorm().mean(0).dense(outputs);
  }
}
