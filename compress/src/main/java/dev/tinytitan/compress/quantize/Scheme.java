package dev.tinytitan.compress.quantize;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What is stored small, and what is computed in integers. */
public enum Scheme {
  /**
   * Weights int8 per output channel, activations uint8 with ranges found from calibration data, in
   * QDQ form: convolutions, products, sums, poolings and concatenations run in integers.
   */
  INT8("int8", true),
  /**
   * Weights int8 per output channel; activations quantized while running, by their own range. No
   * data needed; made for transformers.
   */
  INT8_DYNAMIC("int8-dynamic", false),
  /** Weights int8 per output channel, dequantized while running; arithmetic in float32. */
  INT8_WEIGHTS("int8-weights", false),
  /**
   * Weights uint4 in groups along the inner dimension; arithmetic in float32. Raises to opset 21.
   */
  INT4_WEIGHTS("int4-weights", false),
  /**
   * As {@link #INT8}, with weights of 8, 4 or 2 bits: for each layer as many as a budget of bytes
   * allows and the model's outputs need. Raises to opset 21, or 25 where a layer has 2.
   */
  MIXED("mixed", true),
  /**
   * Weights as indices into a codebook of few values for each layer (Han et al. 2016), looked up
   * while running; arithmetic in float32. Made for archives: indices deflate well.
   */
  CLUSTERS("clusters", false),
  /** Weights float16, widened while running; arithmetic in float32. */
  FP16("fp16", false);

  private final String label;
  private final boolean needsData;

  Scheme(String label, boolean needsData) {
    this.label = label;
    this.needsData = needsData;
  }

  /** The name on the command line, such as {@code int8-dynamic}. */
  public String label() {
    return label;
  }

  /** True if it cannot be done without calibration data. */
  public boolean needsData() {
    return needsData;
  }

  /**
   * The scheme of this label.
   *
   * @throws IllegalArgumentException naming all labels if there is none
   */
  public static Scheme of(String label) {
    return Arrays.stream(values())
        .filter(scheme -> scheme.label.equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no scheme '"
                    + label
                    + "'; there are "
                    + Arrays.stream(values()).map(Scheme::label).collect(Collectors.joining(", "))
                    + "."));
  }

  @Override
  public String toString() {
    return label;
  }
}
