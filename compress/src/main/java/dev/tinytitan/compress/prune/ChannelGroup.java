package dev.tinytitan.compress.prune;

import java.util.List;

/**
 * Units of one kind that lie along the same axes of the same weights: the channels of a
 * convolution, of a residual stream, the heads of an attention. Any of them can go, all but one.
 *
 * @param name of the first layer that makes them
 * @param kind what they are
 * @param width places that one unit takes on the axis of the layer that makes it: 1 for a channel,
 *     the size of a head for a head
 * @param units in the order of their places
 * @param producers names of the layers that make them, in order
 * @param consumers names of the layers that read them, in order
 */
public record ChannelGroup(
    String name,
    Kind kind,
    int width,
    List<ChannelUnit> units,
    List<String> producers,
    List<String> consumers) {

  /** What the units of a group are. */
  public enum Kind {
    /** Channels of feature maps. */
    CHANNELS("channels"),
    /** Outputs of dense layers, feed-forward neurons of transformers. */
    NEURONS("neurons"),
    /** Heads of attention. */
    HEADS("heads"),
    /** The state of a recurrent layer. */
    STATE("state"),
    /** Columns of an embedding table. */
    EMBEDDING("embedding");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** In words. */
    public String label() {
      return label;
    }
  }

  public ChannelGroup {
    units = List.copyOf(units);
    producers = List.copyOf(producers);
    consumers = List.copyOf(consumers);
  }
}
