package dev.tinytitan.onnx;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the values of one graph while its nodes are imported one after the other, with
 * what it takes from the graphs around it.
 */
final class Scope {
  private final @Nullable Scope outer;
  private final Set<String> defined = new HashSet<>();
  private final Set<String> captured = new HashSet<>();
  private final Set<String> takenOver = new HashSet<>();
  private final Set<String> shared = new HashSet<>();
  private final Set<String> unsupported = new HashSet<>();
  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  /** Adds a value, given by an input or a node. */
  void define(String name) {
    defined.add(name);
  }

  /** Adds a value of known type. */
  void define(String name, TensorType type) {
    defined.add(name);
    types.put(name, type);
  }

  /** Adds a constant. */
  void defineConstant(String name, Tensor tensor) {
    define(name, TensorType.of(tensor.dtype(), tensor.shape()));
    constants.put(name, tensor);
  }

  /** Adds a value that comes from what cannot be imported. */
  void defineUnsupported(String name) {
    defined.add(name);
    unsupported.add(name);
  }

  /**
   * Finds a value here or around; one from around is captured, a constant taken over.
   *
   * @return false if nothing has given it so far
   */
  boolean resolve(String name) {
    if (defined.contains(name)) {
      return true;
    }
    if (outer == null || !outer.resolve(name)) {
      return false;
    }
    Tensor constant = outer.constants.get(name);
    TensorType type = outer.types.get(name);
    if (constant != null) {
      outer.shared.add(name);
      takenOver.add(name);
      defineConstant(name, constant);
    } else {
      captured.add(name);
      if (outer.unsupported.contains(name)) {
        defineUnsupported(name);
      } else if (type != null) {
        define(name, type);
      } else {
        define(name);
      }
    }
    return true;
  }

  /** True if an input, a constant or a node so far gives the value, here or around. */
  boolean isDefined(String name) {
    return defined.contains(name);
  }

  /** True if the constant is one of this graph's own that graphs within it read. */
  boolean isShared(String name) {
    return shared.contains(name) && !takenOver.contains(name);
  }

  /** True if the value comes from what cannot be imported, so that nothing is known of it. */
  boolean isUnsupported(String name) {
    return unsupported.contains(name);
  }

  /** True if the value is taken from a graph around, and no constant. */
  boolean isCaptured(String name) {
    return captured.contains(name);
  }

  /** The type of a value as far as known. */
  Optional<TensorType> type(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /** The value of a constant, own or taken over. */
  Optional<Tensor> constant(String name) {
    return Optional.ofNullable(constants.get(name));
  }

  /** All constants, in the order in which they came. */
  Map<String, Tensor> constants() {
    return constants;
  }
}
