package dev.tinytitan.edge.learn;

/**
 * What the gate says of a new version.
 *
 * @param accepted whether it is used from now on; otherwise the last good one stays, and learning
 *     goes on from it
 * @param before how good the last good version is on the samples held back: accuracy from 0 to 1,
 *     or minus the mean squared error for values; NaN without samples
 * @param after how good the new one is
 * @param samples how many were held back
 * @param reason in one sentence
 */
public record Verdict(boolean accepted, double before, double after, int samples, String reason) {}
