package dev.tinytitan.edge.learn;

/** What a model learns to give. */
public enum Objective {
  /** One of several classes: the cross-entropy becomes small. */
  CLASSES,
  /** Values: the mean squared error becomes small. */
  VALUES
}
