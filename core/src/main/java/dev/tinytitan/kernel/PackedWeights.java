package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Packed forms of a session's weights, made once and shared by its plans (one for each input shape)
 * and threads; and the end of what kernels hold outside the heap. Thread-safe.
 */
public final class PackedWeights implements AutoCloseable {
  private record Key(int identity, Tensor tensor, String format) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && key.tensor == tensor && key.format.equals(format);
    }

    @Override
    public int hashCode() {
      return identity * 31 + format.hashCode();
    }
  }

  private final Set<Tensor> lasting = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Key, Object> packed = new ConcurrentHashMap<>();
  private final Map<String, Object> shared = new ConcurrentHashMap<>();
  private final Set<NativeResource> resources = Collections.newSetFromMap(new WeakHashMap<>());

  /**
   * Memory outside the heap, or code. It also frees itself when nobody refers to it any more, as
   * may happen to plans and bindings long before their session ends.
   */
  public interface NativeResource extends AutoCloseable {
    /** Frees it; nothing uses it any more. Closing again does nothing. */
    @Override
    void close();
  }

  /**
   * A cache for these tensors; what others are packed to is not kept.
   *
   * @param lasting constants that live as long as the session
   */
  public PackedWeights(Collection<Tensor> lasting) {
    this.lasting.addAll(lasting);
  }

  /**
   * The packed form of a constant.
   *
   * @param format says how it is packed, every parameter of the packing included
   * @param type the class of the packed form
   * @param pack makes it; called once for each tensor and format
   */
  public <T> T get(Tensor tensor, String format, Class<T> type, Supplier<T> pack) {
    if (!lasting.contains(tensor)) {
      return pack.get();
    }
    Key key = new Key(System.identityHashCode(tensor), tensor, format);
    return type.cast(packed.computeIfAbsent(key, absent -> pack.get()));
  }

  /**
   * Something that belongs to no single constant, such as code, made once and shared by all plans.
   *
   * @param description says what it is, everything included that it depends on
   * @param type its class
   * @param make makes it; called once for each description
   */
  public <T> T shared(String description, Class<T> type, Supplier<T> make) {
    return type.cast(shared.computeIfAbsent(description, absent -> make.get()));
  }

  /** Closes it when the session ends; until then it is referred to weakly. */
  public void closeAtEnd(NativeResource resource) {
    synchronized (resources) {
      resources.add(resource);
    }
  }

  /** Closes what was handed to {@link #closeAtEnd}; no kernel runs any more. */
  @Override
  public void close() {
    synchronized (resources) {
      for (NativeResource resource : resources) {
        resource.close();
      }
      resources.clear();
    }
  }
}
