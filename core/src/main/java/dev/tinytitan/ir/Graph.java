package dev.tinytitan.ir;

import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network, or a subgraph of one: inputs, constants, nodes in an order in which they can run, and
 * outputs. Immutable; equality is by value.
 *
 * <p>Values are named, and each name is given once: by an input, an initializer or a node (static
 * single assignment). A subgraph sees only its own values: what it captures from around it is an
 * explicit input of the subgraph and of the node that holds it ({@link Operator#captureCount}).
 */
public final class Graph {
  private final String name;
  private final Documentation doc;
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final Map<String, Tensor> initializers;
  private final List<Node> nodes;
  private final Map<String, Value> annotations;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();

  private Graph(Builder builder) {
    this.name = builder.name;
    this.doc = builder.doc;
    this.inputs = List.copyOf(builder.inputs);
    this.outputs = List.copyOf(builder.outputs);
    this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(builder.initializers));
    this.nodes = List.copyOf(builder.nodes);
    this.annotations = Collections.unmodifiableMap(new LinkedHashMap<>(builder.annotations));
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          producers.put(output, node);
        }
      }
      for (String input : node.inputs()) {
        if (!input.isEmpty()) {
          List<Node> users = consumers.get(input);
          if (users == null) {
            users = new ArrayList<>(2);
            consumers.put(input, users);
          }
          if (users.isEmpty() || users.get(users.size() - 1) != node) {
            users.add(node);
          }
        }
      }
    }
  }

  /** Starts an empty graph. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** Starts from this graph's contents. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.doc = doc;
    builder.inputs.addAll(inputs);
    builder.outputs.addAll(outputs);
    builder.initializers.putAll(initializers);
    builder.nodes.addAll(nodes);
    builder.annotations.putAll(annotations);
    return builder;
  }

  /** The graph's name; may be empty. */
  public String name() {
    return name;
  }

  /** The model's own words about the graph; may be empty. */
  public Documentation doc() {
    return doc;
  }

  /** The inputs, in order; initializers are not among them. */
  public List<Value> inputs() {
    return inputs;
  }

  /** The outputs, in order; a name may be that of an input or an initializer too. */
  public List<Value> outputs() {
    return outputs;
  }

  /** The constants, by name, in order. */
  public Map<String, Tensor> initializers() {
    return initializers;
  }

  /** The nodes, each after those whose outputs it reads. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Values between nodes for which the model declares a type. */
  public Map<String, Value> annotations() {
    return annotations;
  }

  /** The constant of this name, if there is one. */
  public Optional<Tensor> constant(String value) {
    return Optional.ofNullable(initializers.get(value));
  }

  /** The node that gives this value; empty for inputs and initializers. */
  public Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  /** The nodes that read this value, in order, each once. */
  public List<Node> consumers(String value) {
    return Collections.unmodifiableList(consumers.getOrDefault(value, List.of()));
  }

  /** True if the value is an output of the graph. */
  public boolean isOutput(String value) {
    return named(outputs, value) != null;
  }

  /** The input of this name, if there is one. */
  public Optional<Value> input(String value) {
    return Optional.ofNullable(named(inputs, value));
  }

  private static @Nullable Value named(List<Value> values, String name) {
    for (Value value : values) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    return null;
  }

  /** True if a value of this name exists. */
  public boolean defines(String value) {
    return producers.containsKey(value)
        || initializers.containsKey(value)
        || input(value).isPresent();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Graph that
            && name.equals(that.name)
            && doc.equals(that.doc)
            && inputs.equals(that.inputs)
            && outputs.equals(that.outputs)
            && nodes.equals(that.nodes)
            && annotations.equals(that.annotations)
            && initializers.equals(that.initializers));
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, inputs, outputs, nodes.size());
  }

  /** The readable form; see {@link GraphText}. */
  @Override
  public String toString() {
    return GraphText.of(this);
  }

  /**
   * Collects a graph. Not thread-safe. {@link #build} does not check the graph; {@link Verifier}
   * does.
   */
  public static final class Builder {
    private String name;
    private Documentation doc = Documentation.NONE;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Value> annotations = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    /** Sets the name. */
    public Builder name(String text) {
      this.name = text;
      return this;
    }

    /** Sets the documentation. */
    public Builder doc(Documentation words) {
      this.doc = words;
      return this;
    }

    /** Adds an input. */
    public Builder input(String value, ValueType type) {
      return input(Value.of(value, type));
    }

    /** Adds an input. */
    public Builder input(Value value) {
      inputs.add(value);
      return this;
    }

    /** Adds an output. */
    public Builder output(String value, @Nullable ValueType type) {
      return output(Value.of(value, type));
    }

    /** Adds an output. */
    public Builder output(Value value) {
      outputs.add(value);
      return this;
    }

    /** Adds a constant. */
    public Builder initializer(String value, Tensor tensor) {
      initializers.put(value, tensor);
      return this;
    }

    /** Adds a node. */
    public Builder node(Node node) {
      nodes.add(node);
      return this;
    }

    /** Adds a node with one output, named after the output. */
    public Builder node(Operator operator, List<String> nodeInputs, String output) {
      return node(Node.of(output, operator, nodeInputs, List.of(output)));
    }

    /** Declares the type of a value between nodes. */
    public Builder annotation(Value value) {
      annotations.put(value.name(), value);
      return this;
    }

    /** Replaces all nodes. */
    public Builder nodes(Collection<Node> others) {
      nodes.clear();
      nodes.addAll(others);
      return this;
    }

    /** Replaces all inputs. */
    public Builder inputs(Collection<Value> others) {
      inputs.clear();
      inputs.addAll(others);
      return this;
    }

    /** Replaces all outputs. */
    public Builder outputs(Collection<Value> others) {
      outputs.clear();
      outputs.addAll(others);
      return this;
    }

    /** Replaces all constants. */
    public Builder initializers(Map<String, Tensor> others) {
      initializers.clear();
      initializers.putAll(others);
      return this;
    }

    /** Replaces all declared types of values between nodes. */
    public Builder annotations(Collection<Value> others) {
      annotations.clear();
      for (Value value : others) {
        annotation(value);
      }
      return this;
    }

    /** The graph so far. */
    public Graph build() {
      return new Graph(this);
    }
  }
}
