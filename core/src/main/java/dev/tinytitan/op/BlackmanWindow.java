package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Blackman window: {@code 0.42 - 0.5 cos(x) + 0.08 cos(2x)} over one turn of {@code x}, of the
 * length given by an integer scalar. ONNX: BlackmanWindow-17.
 *
 * @param outputDType the result's type
 * @param periodic whether the window is one period of a longer signal, and not symmetric
 */
public record BlackmanWindow(DType outputDType, boolean periodic) implements CosineWindow {
  static final OpSpec SPEC = CosineWindow.spec("BlackmanWindow", BlackmanWindow::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double at(double angle) {
    return 0.42 - 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
  }
}
