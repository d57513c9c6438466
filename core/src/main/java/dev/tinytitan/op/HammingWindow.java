package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Hamming window: {@code 25/46 - 21/46 cos(x)} over one turn of {@code x}, of the length given by
 * an integer scalar. ONNX: HammingWindow-17.
 *
 * @param outputDType the result's type
 * @param periodic whether the window is one period of a longer signal, and not symmetric
 */
public record HammingWindow(DType outputDType, boolean periodic) implements CosineWindow {
  static final OpSpec SPEC = CosineWindow.spec("HammingWindow", HammingWindow::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double at(double angle) {
    return 25.0 / 46 - 21.0 / 46 * Math.cos(angle);
  }
}
