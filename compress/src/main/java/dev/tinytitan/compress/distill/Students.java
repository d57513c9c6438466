package dev.tinytitan.compress.distill;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.internal.Block;
import dev.tinytitan.compress.internal.RepeatedBlocks;
import dev.tinytitan.compress.prune.StructuredOptions;
import dev.tinytitan.compress.prune.StructuredPruner;
import dev.tinytitan.compress.prune.Target;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.BatchedSession;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.zoo.Zoo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Makes students for a teacher. */
public final class Students {
  private Students() {}

  /**
   * A new network of the zoo with as many outputs as the teacher has, which standardizes its input.
   *
   * @param name of the architecture
   * @param data to learn from
   * @param sample the shape of a sample in the data
   * @param classifies whether outputs are classes: then a softmax follows
   * @param seed of the initial weights
   * @throws IllegalArgumentException if there is no such architecture
   * @throws BadDataException if the architecture is for samples of another kind
   */
  public static Model ofArchitecture(
      String name, Model teacher, TrainingData data, Shape sample, boolean classifies, long seed) {
    int outputs;
    try (BatchedSession session = new BatchedSession(teacher, SessionOptions.defaults())) {
      outputs = session.outputShapes().values().iterator().next().size();
    }
    TrainingData.Moments moments = data.moments();
    return Zoo.build(
        name,
        new Zoo.Task(
            Zoo.fitted(name, sample), outputs, classifies, moments.mean(), moments.deviation()),
        seed);
  }

  /**
   * A narrower copy: of the channels, neurons and heads of each group that depends on each other,
   * those with the largest weights stay.
   *
   * @param width what share of them stays, over 0, below 1
   * @throws BadDataException if nothing can be taken out
   */
  public static Model narrower(Model teacher, double width) {
    requireShare(width);
    double most = Math.max(width <= 0.1 ? 1 - width / 2 : 0.9, 1 - width);
    StructuredOptions options =
        StructuredOptions.of(Target.amount(1 - width)).withMost(most).withMultiple(4);
    return new StructuredPruner(options).prune(teacher).model();
  }

  /**
   * A shallower copy: of layers that follow each other and are alike, some are left out, evenly
   * spread; at a half, every second one.
   *
   * @param depth what share of them stays, over 0, below 1; at least one layer does
   * @throws BadDataException if no layers are alike
   */
  public static Model shallower(Model teacher, double depth) {
    requireShare(depth);
    List<Block> dropped = new ArrayList<>();
    for (List<Block> run : RepeatedBlocks.of(teacher.graph())) {
      dropped.addAll(without(run, (int) Math.max(1, Math.round(depth * run.size()))));
    }
    if (dropped.isEmpty()) {
      throw new BadDataException(
          "The teacher has no layers that follow each other and are alike, so none"
              + " can be left out; make it narrower, or choose an architecture.");
    }
    return Model.of(Block.without(teacher.graph(), dropped), teacher.info());
  }

  /**
   * A shallower copy with the layers named, of the longest run of layers that are alike.
   *
   * @param kept which of them stay, from 0, in any order
   * @throws BadDataException if no layers are alike, or there are not as many
   */
  public static Model withLayers(Model teacher, Set<Integer> kept) {
    List<Block> run =
        RepeatedBlocks.of(teacher.graph()).stream()
            .max(Comparator.comparingInt(List::size))
            .orElse(List.of());
    if (kept.isEmpty() || kept.stream().anyMatch(index -> index < 0 || index >= run.size())) {
      throw new BadDataException(
          "The teacher has "
              + run.size()
              + " layers that are alike, which layers "
              + kept
              + " are not among.");
    }
    List<Block> dropped = new ArrayList<>();
    for (int i = 0; i < run.size(); i++) {
      if (!kept.contains(i)) {
        dropped.add(run.get(i));
      }
    }
    return Model.of(Block.without(teacher.graph(), dropped), teacher.info());
  }

  /** Those of a run that go so that {@code kept} stay, evenly spread. */
  private static List<Block> without(List<Block> run, int kept) {
    List<Block> gone = new ArrayList<>(run);
    for (int i = 0; i < kept; i++) {
      gone.remove(run.get((int) ((i + 0.5) * run.size() / kept)));
    }
    return gone;
  }

  private static void requireShare(double share) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("a share must be over 0 and below 1, not " + share);
    }
  }
}
