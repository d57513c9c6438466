package dev.tinytitan.ir;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a node, by name, in order. Immutable. The typed getters end in a {@link
 * MalformedModelException} if an attribute is there with another kind.
 */
public final class Attributes {
  private static final Attributes EMPTY = new Attributes(Map.of());

  private final Map<String, Attribute> byName;

  private Attributes(Map<String, Attribute> byName) {
    this.byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
  }

  /** No attributes. */
  public static Attributes none() {
    return EMPTY;
  }

  /** These attributes, in the map's order. */
  public static Attributes of(Map<String, Attribute> byName) {
    return byName.isEmpty() ? EMPTY : new Attributes(byName);
  }

  /** Starts a list of attributes. */
  public static Builder builder() {
    return new Builder();
  }

  /** All of them, in order; unmodifiable. */
  public Map<String, Attribute> asMap() {
    return byName;
  }

  /** The names, in order. */
  public Set<String> names() {
    return byName.keySet();
  }

  /** True if the attribute is there. */
  public boolean has(String name) {
    return byName.containsKey(name);
  }

  /** The attribute, whatever its kind. */
  public Optional<Attribute> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  private <T extends Attribute> @Nullable T typed(String name, Class<T> kind) {
    Attribute attribute = byName.get(name);
    if (attribute == null) {
      return null;
    }
    if (!kind.isInstance(attribute)) {
      throw new MalformedModelException(
          "Attribute '"
              + name
              + "' is of kind "
              + attribute.getClass().getSimpleName()
              + " where "
              + kind.getSimpleName()
              + " is expected.");
    }
    return kind.cast(attribute);
  }

  private static MalformedModelException missing(String name) {
    return new MalformedModelException("The required attribute '" + name + "' is missing.");
  }

  /** An integer that must be there. */
  public long getLong(String name) {
    Attribute.Int attribute = typed(name, Attribute.Int.class);
    if (attribute == null) {
      throw missing(name);
    }
    return attribute.value();
  }

  /** An integer, or a default. */
  public long getLong(String name, long absent) {
    Attribute.Int attribute = typed(name, Attribute.Int.class);
    return attribute == null ? absent : attribute.value();
  }

  /** An integer that must be there and fit in 32 bits. */
  public int getInt(String name) {
    return narrow(name, getLong(name));
  }

  /** An integer that must fit in 32 bits, or a default. */
  public int getInt(String name, int absent) {
    return narrow(name, getLong(name, absent));
  }

  private static int narrow(String name, long value) {
    if (value != (int) value) {
      throw new MalformedModelException(
          "Attribute '" + name + "' has the value " + value + ", which is out of range.");
    }
    return (int) value;
  }

  /** An integer used as a truth value, or a default. */
  public boolean getBoolean(String name, boolean absent) {
    return getLong(name, absent ? 1 : 0) != 0;
  }

  /** A float, or a default. */
  public float getFloat(String name, float absent) {
    Attribute.Float attribute = typed(name, Attribute.Float.class);
    return attribute == null ? absent : attribute.value();
  }

  /** A string, or a default. */
  public String getText(String name, String absent) {
    Attribute.Text attribute = typed(name, Attribute.Text.class);
    return attribute == null ? absent : attribute.value();
  }

  /** A tensor, if there. */
  public Optional<Tensor> getTensor(String name) {
    return Optional.ofNullable(typed(name, Attribute.OfTensor.class))
        .map(Attribute.OfTensor::value);
  }

  /** A subgraph that must be there. */
  public Graph getGraph(String name) {
    Attribute.OfGraph attribute = typed(name, Attribute.OfGraph.class);
    if (attribute == null) {
      throw missing(name);
    }
    return attribute.value();
  }

  /** Integers that must fit in 32 bits, if there. */
  public Optional<int[]> getInts(String name) {
    Attribute.Ints ints = typed(name, Attribute.Ints.class);
    if (ints == null) {
      return Optional.empty();
    }
    int[] values = new int[ints.values().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = narrow(name, ints.values().get(i));
    }
    return Optional.of(values);
  }

  /** Integers, if there. */
  public Optional<long[]> getLongs(String name) {
    return Optional.ofNullable(typed(name, Attribute.Ints.class))
        .map(ints -> ints.values().stream().mapToLong(Long::longValue).toArray());
  }

  /** Floats, if there. */
  public Optional<float[]> getFloats(String name) {
    Attribute.Floats attribute = typed(name, Attribute.Floats.class);
    if (attribute == null) {
      return Optional.empty();
    }
    float[] values = new float[attribute.values().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = attribute.values().get(i);
    }
    return Optional.of(values);
  }

  /** Strings; empty if not there. */
  public List<String> getTexts(String name) {
    Attribute.Texts attribute = typed(name, Attribute.Texts.class);
    return attribute == null ? List.of() : attribute.values();
  }

  /** These attributes with one added or replaced. */
  public Attributes with(String name, Attribute value) {
    Map<String, Attribute> copy = new LinkedHashMap<>(byName);
    copy.put(name, value);
    return of(copy);
  }

  /** These attributes without one. */
  public Attributes without(String name) {
    if (!byName.containsKey(name)) {
      return this;
    }
    Map<String, Attribute> copy = new LinkedHashMap<>(byName);
    copy.remove(name);
    return of(copy);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Attributes that && byName.equals(that.byName);
  }

  @Override
  public int hashCode() {
    return byName.hashCode();
  }

  @Override
  public String toString() {
    return byName.toString();
  }

  /** Collects attributes; the {@code …Unless} forms leave out an operator's default value. */
  public static final class Builder {
    private final Map<String, Attribute> byName = new LinkedHashMap<>();

    private Builder() {}

    /** Adds an integer. */
    public Builder put(String name, long value) {
      return put(name, new Attribute.Int(value));
    }

    /** Adds an integer unless it is the operator's default. */
    public Builder putUnless(long absent, String name, long value) {
      return value == absent ? this : put(name, value);
    }

    /** Adds a truth value as 1 or 0 unless it is the operator's default. */
    public Builder putUnless(boolean absent, String name, boolean value) {
      return value == absent ? this : put(name, value ? 1 : 0);
    }

    /** Adds a float. */
    public Builder put(String name, float value) {
      return put(name, new Attribute.Float(value));
    }

    /** Adds a float unless it is the operator's default. */
    public Builder putUnless(float absent, String name, float value) {
      return Float.compare(value, absent) == 0 ? this : put(name, value);
    }

    /** Adds a string. */
    public Builder put(String name, String value) {
      return put(name, new Attribute.Text(value));
    }

    /** Adds a string unless it is the operator's default. */
    public Builder putUnless(String absent, String name, String value) {
      return value.equals(absent) ? this : put(name, value);
    }

    /** Adds integers. */
    public Builder put(String name, int... values) {
      return put(name, new Attribute.Ints(Arrays.stream(values).mapToObj(Long::valueOf).toList()));
    }

    /** Adds integers. */
    public Builder put(String name, List<Integer> values) {
      return put(name, new Attribute.Ints(values.stream().map(Integer::longValue).toList()));
    }

    /** Adds any attribute. */
    public Builder put(String name, Attribute value) {
      byName.put(name, value);
      return this;
    }

    /** The attributes so far. */
    public Attributes build() {
      return of(byName);
    }
  }
}
