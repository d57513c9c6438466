package dev.tinytitan.compress.metric;

/** How errors are counted. */
public enum ErrorKind {
  /** The root of the mean of squared errors, in the targets' unit. */
  RMSE,
  /** The mean of squared errors. */
  MSE,
  /** The mean of absolute errors. */
  MAE
}
