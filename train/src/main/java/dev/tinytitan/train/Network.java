package dev.tinytitan.train;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Builds networks layer by layer, with weights drawn from a seed. Not thread-safe.
 *
 * <pre>{@code
 * Network network = new Network("small", 1);
 * Layer image = network.input(1, 28, 28);
 * Model model = network.classifier(image.conv(8, 3).batchNorm().relu().maxPool(2).flatten().dense(10));
 * }</pre>
 */
public final class Network {
  /** The opset that models are written in at least: the first that all layers here have. */
  private static final int OPSET = 17;

  private final Graph.Builder graph;
  private final Random random;
  private int layers;

  /**
   * An empty network.
   *
   * @param name the graph's name
   * @param seed of the initial weights
   */
  public Network(String name, long seed) {
    this.graph = Graph.builder(name);
    this.random = new Random(seed);
  }

  /** The input, called {@code input}, of this shape without the batch. */
  public Layer input(int... shape) {
    List<Dim> dims = new ArrayList<>();
    dims.add(new Dim.Symbol("batch"));
    Arrays.stream(shape).mapToObj(Dim::of).forEach(dims::add);
    graph.input("input", new TensorType(DType.FLOAT32, dims));
    return new Layer(this, "input", Shape.of(shape));
  }

  /**
   * The model whose output, called {@code probabilities}, is the softmax of a layer of one number
   * for each class.
   */
  public Model classifier(Layer logits) {
    graph.node(new Softmax(-1), List.of(logits.name()), "probabilities");
    return model("probabilities", logits.shape());
  }

  /** The model whose output, called {@code output}, is a layer's. */
  public Model model(Layer output) {
    graph.node(new Identity(), List.of(output.name()), "output");
    return model("output", output.shape());
  }

  private Model model(String output, Shape shape) {
    List<Dim> dims = new ArrayList<>();
    dims.add(new Dim.Symbol("batch"));
    Arrays.stream(shape.toArray()).mapToObj(Dim::of).forEach(dims::add);
    graph.output(output, new TensorType(DType.FLOAT32, dims));
    return Model.of(graph.build(), ModelInfo.of(OPSET));
  }

  /** A name for a layer of this kind. */
  String name(String kind) {
    return kind + "_" + layers++;
  }

  /** Adds a node that gives its own name. */
  void add(String name, Operator operator, List<String> inputs) {
    graph.node(Node.of(name, operator, inputs, List.of(name)));
  }

  /** Adds a node with several outputs. */
  void add(Node node) {
    graph.node(node);
  }

  /** Adds an initializer and gives its name. */
  String initializer(String name, Tensor tensor) {
    graph.initializer(name, tensor);
    return name;
  }

  /** Adds a vector of equal numbers. */
  String filled(String name, int size, float value) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return initializer(name, Tensor.of(values, size));
  }

  /** Adds weights drawn from a normal distribution of variance 2 / inputs (He et al. 2015). */
  String heNormal(String name, int inputs, int... shape) {
    double deviation = Math.sqrt(2.0 / inputs);
    return drawn(name, () -> deviation * random.nextGaussian(), shape);
  }

  /** Adds weights drawn evenly, of variance 2 / (inputs + outputs) (Glorot and Bengio 2010). */
  String glorotUniform(String name, int inputs, int outputs, int... shape) {
    double limit = Math.sqrt(6.0 / (inputs + outputs));
    return drawn(name, () -> limit * (2 * random.nextDouble() - 1), shape);
  }

  /** Adds weights drawn from a normal distribution. */
  String normal(String name, double deviation, int... shape) {
    return drawn(name, () -> deviation * random.nextGaussian(), shape);
  }

  private String drawn(String name, DoubleSupplier source, int... shape) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(shape));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) source.getAsDouble());
    }
    return initializer(name, tensor);
  }
}
