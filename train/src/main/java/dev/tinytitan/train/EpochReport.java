package dev.tinytitan.train;

/**
 * What one epoch gave.
 *
 * @param epoch counted from 1
 * @param loss the mean training loss
 * @param score on the validation data: accuracy from 0 to 1 for classes, else the root of the mean
 *     squared error; NaN without validation data
 * @param best whether no epoch before was better
 * @param learningRate at its end
 * @param seconds that its steps took
 * @param samplesPerSecond samples seen in a second of its steps
 */
public record EpochReport(
    int epoch,
    double loss,
    double score,
    boolean best,
    double learningRate,
    double seconds,
    double samplesPerSecond) {}
