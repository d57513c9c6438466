package dev.tinytitan.compress.quantize;

/** Whether a step is done. */
public enum Toggle {
  /** If measuring on calibration data says that it helps. */
  AUTO,
  /** Always, where it can be. */
  ON,
  /** Never. */
  OFF
}
