package dev.tinytitan.compress.prune;

import java.util.List;

/**
 * Places of a constant that go together with others.
 *
 * @param constant its name
 * @param axis along which the places lie
 * @param places in ascending order
 */
public record WeightCut(String constant, int axis, List<Integer> places) {
  public WeightCut {
    places = List.copyOf(places);
  }
}
