package dev.tinytitan.codegen.matrix;

/** How the weights of a matrix lie in memory, panel by panel. */
interface PanelPacking {
  /** Bytes of a panel: whole vectors. */
  int bytes(int panel);

  /** A panel as its functions read it. */
  byte[] pack(int panel);

  /** Writes an int as the processor has it. */
  static void putInt(byte[] to, int at, int value) {
    for (int i = 0; i < 4; i++) {
      to[at + i] = (byte) (value >> (8 * i));
    }
  }

  /** Writes a float as the processor has it. */
  static void putFloat(byte[] to, int at, float value) {
    putInt(to, at, Float.floatToRawIntBits(value));
  }
}
