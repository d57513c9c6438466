package dev.tinytitan.compress.prune;

import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.function.ObjDoubleConsumer;

/**
 * The least that can be removed from a model: a channel, a neuron or a head, with all that goes
 * with it. Belongs to a {@link DependencyGraph}. Immutable.
 */
public final class ChannelUnit {
  private final GraphScope scope;
  private final int root;
  private final List<WeightCut> cuts;

  ChannelUnit(GraphScope scope, int root, List<WeightCut> cuts) {
    this.scope = scope;
    this.root = root;
    this.cuts = List.copyOf(cuts);
  }

  /** The constants that lose something, and what. */
  public List<WeightCut> cuts() {
    return cuts;
  }

  /** A constant that one of the cuts names. */
  public Tensor weights(WeightCut cut) {
    return scope.constant(cut.constant());
  }

  /** Calls a function with each element that goes: its constant's cut and its flat index. */
  void forEachElement(ObjDoubleConsumer<WeightCut> consumer) {
    for (WeightCut cut : cuts) {
      Tensor tensor = weights(cut);
      int inner = tensor.shape().sizeBetween(cut.axis() + 1, tensor.shape().rank());
      int size = tensor.shape().dim(cut.axis());
      int outer = tensor.size() / Math.max(1, inner * size);
      for (int i = 0; i < outer; i++) {
        for (int place : cut.places()) {
          int start = (i * size + place) * inner;
          for (int j = 0; j < inner; j++) {
            consumer.accept(cut, start + j);
          }
        }
      }
    }
  }

  GraphScope scope() {
    return scope;
  }

  int root() {
    return root;
  }
}
