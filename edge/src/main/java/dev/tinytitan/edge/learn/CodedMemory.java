package dev.tinytitan.edge.learn;

/**
 * What the layers of a {@link CodedChain} share while a step runs. One thread at a time.
 *
 * @param gradient of the loss by a layer's output, then, in the same place, by its input; on the
 *     way forward the sums of a layer
 * @param spare where a gradient is made that cannot be made in place; may be empty
 * @param rows floats for rows of weights and for parts of gradients
 * @param rates one for each filter
 * @param places of one element of the window, for each position
 * @param window places of one position's window
 */
@SuppressWarnings("ArrayRecordComponent") // memory, never compared
record CodedMemory(
    float[] gradient, float[] spare, float[] rows, float[] rates, int[] places, int[] window) {

  long byteSize() {
    return 4L
        * (gradient.length
            + spare.length
            + rows.length
            + rates.length
            + places.length
            + window.length);
  }
}
