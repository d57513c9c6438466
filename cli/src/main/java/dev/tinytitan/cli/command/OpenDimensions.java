package dev.tinytitan.cli.command;

import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The sizes that dimensions get which a model leaves open: as --dim says, else 1. */
public final class OpenDimensions {
  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description = {
        "The size of an open dimension, by its name in the model or as INPUT:INDEX; 1 if not given."
      })
  private Map<String, Integer> given = Map.of();

  private final Set<String> notGiven = new LinkedHashSet<>();

  OpenDimensions() {}

  /** The type of an input with no open dimension; as it is if not even its rank is known. */
  TensorType fixed(String input, TensorType type) {
    if (!type.hasRank()) {
      return type;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < type.rank(); i++) {
      dims.add(Dim.of(size(input + ":" + i, type.dim(i))));
    }
    return type.withDims(dims);
  }

  /** Refuses a name that none of a model's open dimensions has: it would count for nothing. */
  void check(List<Value> inputs) {
    Set<String> open = new LinkedHashSet<>();
    Set<String> known = new HashSet<>();
    for (Value input : inputs) {
      if (!(input.type() instanceof TensorType type) || !type.hasRank()) {
        return;
      }
      for (int i = 0; i < type.rank(); i++) {
        Dim dim = type.dim(i);
        if (!dim.isFixed()) {
          String place = input.name() + ":" + i;
          open.add(dim instanceof Dim.Symbol ? dim.toString() : place);
          known.add(dim.toString());
          known.add(place);
        }
      }
    }
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        throw new CommandFailure(
            "The model has no open dimension '"
                + name
                + "'; "
                + (open.isEmpty() ? "it has none." : "it has " + String.join(", ", open) + "."));
      }
    }
  }

  private int size(String place, Dim dim) {
    if (dim.isFixed()) {
      return dim.size();
    }
    Integer own = given.getOrDefault(place, given.get(dim.toString()));
    if (own == null) {
      notGiven.add(dim instanceof Dim.Symbol ? dim.toString() : place);
      return 1;
    }
    if (own < 0) {
      throw new CommandFailure("The size of a dimension cannot be " + own + ".");
    }
    return own;
  }

  /** True if the user named no size at all. */
  boolean areAllOpen() {
    return given.isEmpty();
  }

  /** What a user whose command failed over shapes can say more; empty if nothing was left open. */
  Optional<String> advice() {
    return notGiven.isEmpty()
        ? Optional.empty()
        : Optional.of(
            notGiven.stream()
                .map(name -> "--dim " + name + "=SIZE")
                .collect(
                    Collectors.joining(
                        " ", "Open dimensions count as 1 unless they are given: ", ".")));
  }

  /** The {@link #advice()} to the user of a command. */
  public static Optional<String> advice(CommandSpec command) {
    if (command.userObject() instanceof OpenDimensions dimensions) {
      return dimensions.advice();
    }
    return command.mixins().values().stream().flatMap(mixin -> advice(mixin).stream()).findFirst();
  }
}
