package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Hann window: {@code 0.5 - 0.5 cos(x)} over one turn of {@code x}, of the length given by an
 * integer scalar. ONNX: HannWindow-17.
 *
 * @param outputDType the result's type
 * @param periodic whether the window is one period of a longer signal, and not symmetric
 */
public record HannWindow(DType outputDType, boolean periodic) implements CosineWindow {
  static final OpSpec SPEC = CosineWindow.spec("HannWindow", HannWindow::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double at(double angle) {
    return 0.5 - 0.5 * Math.cos(angle);
  }
}
