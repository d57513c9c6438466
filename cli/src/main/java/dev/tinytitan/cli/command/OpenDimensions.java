package dev.tinytitan.cli.command;

import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import java.util.ArrayList;
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

  /** What a user whose command failed over shapes can say more; empty if nothing was left open. */
  public static Optional<String> advice(CommandSpec command) {
    Object user = command.userObject();
    if (user instanceof OpenDimensions dimensions && !dimensions.notGiven.isEmpty()) {
      return Optional.of(
          dimensions.notGiven.stream()
              .map(name -> "--dim " + name + "=SIZE")
              .collect(
                  Collectors.joining(
                      " ", "Open dimensions count as 1 unless they are given: ", ".")));
    }
    return command.mixins().values().stream().flatMap(mixin -> advice(mixin).stream()).findFirst();
  }
}
