package dev.tinytitan;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.onnx.OnnxModel;
import dev.tinytitan.onnx.OnnxReader;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.onnx.WrittenModel;
import java.nio.file.Path;
import java.util.List;

/**
 * A neural network with what its file says about itself. Immutable and safe for sharing.
 *
 * <pre>{@code
 * try (Session session = Model.load(Path.of("classifier.onnx")).open()) {
 *   Tensor scores = session.run(Map.of("input", Tensor.of(pixels, 1, 3, 32, 32))).get("scores");
 * }
 * }</pre>
 */
public final class Model {
  private final Graph graph;
  private final ModelInfo info;

  private Model(Graph graph, ModelInfo info) {
    this.graph = graph;
    this.info = info;
  }

  /**
   * Loads an ONNX file of opset 7 to 25, or a zip archive with one in it. Files from 1 MiB on are
   * mapped, not read: they must not be changed in place while the model is in use (to replace one,
   * by {@link #save} for instance, is safe).
   *
   * @throws MalformedModelException if the file is no ONNX model, or a damaged one
   * @throws UnsupportedModelException if the model asks for what is not supported; lists all of it
   * @throws ShapeMismatchException if the model's operators do not fit together
   * @throws BadDataException if the file, or one with its external data, is missing or cannot be
   *     read
   */
  public static Model load(Path file) {
    EngineCatalog.lookAhead();
    return of(OnnxReader.read(file));
  }

  /**
   * Loads a model from the bytes of an ONNX file; they are copied where they are kept. External
   * data is not at hand.
   *
   * @throws MalformedModelException if these are no ONNX model, or a damaged one
   * @throws UnsupportedModelException if the model asks for what is not supported; lists all of it
   * @throws ShapeMismatchException if the model's operators do not fit together
   */
  public static Model load(byte[] bytes) {
    EngineCatalog.lookAhead();
    return of(OnnxReader.read(bytes));
  }

  /**
   * A model of this graph.
   *
   * @throws MalformedModelException if the graph breaks a rule of {@link Graph}
   */
  public static Model of(Graph graph, ModelInfo info) {
    Verifier.verify(graph);
    return new Model(graph, info);
  }

  /** A graph that was just read is verified already. */
  private static Model of(OnnxModel model) {
    if (!isQuantized(model.graph())) {
      EngineCatalog.prepare();
    }
    return new Model(model.graph(), model.info());
  }

  /** Quantized models often answer before the best engine is ready, and are quicker without it. */
  private static boolean isQuantized(Graph graph) {
    for (Node node : graph.nodes()) {
      if (node.operator().spec().name().equals("QuantizeLinear")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Opens a session with {@link SessionOptions#defaults}: on the best engine at hand; the caller
   * closes it.
   */
  public Session open() {
    return open(SessionOptions.defaults());
  }

  /**
   * Opens a session; the caller closes it. The model stays as it is: what is optimized is the
   * session's copy.
   *
   * @throws IllegalArgumentException if the engine asked for is not here; says why
   */
  public Session open(SessionOptions options) {
    return Session.open(graph, options);
  }

  /** The inputs with their types, in order. */
  public List<Value> inputs() {
    return graph.inputs();
  }

  /** The outputs with their types, in order. */
  public List<Value> outputs() {
    return graph.outputs();
  }

  /** The network; every operator has its newest form. */
  public Graph graph() {
    return graph;
  }

  /**
   * Saves the model as an ONNX file, whole or not at all, in the opset that {@link #info} names or
   * the oldest newer one that its operators need. Asking for an opset: {@code Model.of(graph,
   * info.withOpset(17)).save(file)}. A name that ends in {@code .zip} asks for an archive with the
   * file in it, which {@link #load(Path)} takes as well.
   *
   * @return the opset it was written in, and why
   * @throws UnsupportedModelException if that opset is newer than all that are known
   * @throws BadDataException if the file cannot be written, say because the disk is full; an old
   *     file is unchanged then
   */
  public WrittenModel save(Path file) {
    return OnnxWriter.write(graph, info, file);
  }

  /**
   * The bytes of the model's ONNX file; see {@link #save}.
   *
   * @throws UnsupportedModelException if its opset is newer than all that are known
   * @throws OverBudgetException if they are over 2 GiB
   */
  public byte[] toBytes() {
    return OnnxWriter.toBytes(graph, info);
  }

  /** What the file says about itself: opset, producer, version, metadata. */
  public ModelInfo info() {
    return info;
  }
}
