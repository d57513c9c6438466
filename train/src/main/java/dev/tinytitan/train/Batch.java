package dev.tinytitan.train;

/**
 * The samples of one step, as the model sees them. The arrays are the trainer's own: they are to be
 * read before the next step, and not written.
 *
 * @param indices for each place, the number of the sample in the training data
 * @param samples augmented and mixed, one after the other; the inputs of a model with several lie
 *     end to end in each
 * @param targets what the loss compares predictions with, one after the other; empty if the data
 *     have none
 * @param original true if samples are just as the data have them, so that what is worked out for
 *     them can be kept
 */
@SuppressWarnings("ArrayRecordComponent") // a window on what the trainer reuses
public record Batch(int[] indices, float[] samples, float[] targets, boolean original) {}
