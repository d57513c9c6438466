package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import java.util.List;

/** Cuts each float to a range. */
record FloatClipLayer(Buffer input, Buffer output, Clipping clipping) implements SplitLayer {
  @Override
  public String name() {
    return "clip";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2L * output.byteSize();
  }

  @Override
  public int rows() {
    return output.height();
  }

  @Override
  public boolean isRowwise() {
    return true;
  }

  @Override
  public Layer rows(int from, int to) {
    return new FloatClipLayer(input.rows(from, to), output.rows(from, to), clipping);
  }

  @Override
  public void emit(VectorCode code) {
    new Rows(code, List.of(input, output))
        .emit((at, count) -> {
          code.load(0, at.get(0));
          clipping.emit(code, 1, 0);
          code.store(at.get(1), 0, 0, count, 1);
        });
  }
}
