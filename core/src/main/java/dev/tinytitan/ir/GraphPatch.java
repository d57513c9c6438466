package dev.tinytitan.ir;

import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An edit to a graph, as a value: nodes that go, nodes and constants that come, and values whose
 * readers read another one from now on. Applied and verified by {@link GraphRewriter}.
 *
 * @param remove nodes of the graph that go
 * @param add nodes that come, in an order in which they can run; may give the values that removed
 *     nodes gave
 * @param initializers constants that come
 * @param renames for a value, the value that its readers (and the graph's outputs) use instead
 */
public record GraphPatch(
    List<Node> remove,
    List<Node> add,
    Map<String, Tensor> initializers,
    Map<String, String> renames) {

  public GraphPatch {
    remove = List.copyOf(remove);
    add = List.copyOf(add);
    // Not Map.copyOf, whose order differs from run to run: the same model must give the same file.
    initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
    renames = Collections.unmodifiableMap(new LinkedHashMap<>(renames));
  }

  /** Starts an edit. */
  public static Builder builder() {
    return new Builder();
  }

  /** Replaces one node by another that gives the same values. */
  public static GraphPatch replace(Node old, Node replacement) {
    return builder().remove(old).add(replacement).build();
  }

  /** Collects an edit. */
  public static final class Builder {
    private final List<Node> remove = new ArrayList<>();
    private final List<Node> add = new ArrayList<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final Map<String, String> renames = new LinkedHashMap<>();

    private Builder() {}

    /** A node that goes. */
    public Builder remove(Node node) {
      remove.add(node);
      return this;
    }

    /** A node that comes. */
    public Builder add(Node node) {
      add.add(node);
      return this;
    }

    /** A constant that comes. */
    public Builder initializer(String name, Tensor tensor) {
      initializers.put(name, tensor);
      return this;
    }

    /** Readers of {@code value} read {@code instead} from now on. */
    public Builder rename(String value, String instead) {
      renames.put(value, instead);
      return this;
    }

    /** The edit so far. */
    public GraphPatch build() {
      return new GraphPatch(remove, add, initializers, renames);
    }
  }
}
