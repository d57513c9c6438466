package dev.tinytitan.edge.learn;

import dev.tinytitan.tensor.Shape;

/** Where the weights of chosen input channels stand among all weights. */
final class ChannelIndex {
  private ChannelIndex() {}

  /** The index into the whole tensor of an element of the learned part. */
  static int whole(Update update, int element) {
    Shape whole = update.tensor().shape();
    int axis = Update.inputAxis(update.tensor());
    int inner = whole.strides()[axis];
    int count = update.channels().length;
    int channel = update.channels()[element / inner % count];
    int outer = element / (inner * count);
    return (outer * whole.dim(axis) + channel) * inner + element % inner;
  }
}
