package dev.tinytitan.codegen.arm;

import static dev.tinytitan.codegen.arm.ArmInstruction.SMLAL2_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SMLAL_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SXTL_8H;
import static dev.tinytitan.codegen.arm.ArmInstruction.UXTL_8H;

import dev.tinytitan.codegen.arm.ArmAssembler.Size;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;

/**
 * Generates a depthwise convolution of 8-bit integers for one shape, with requantization. The image
 * is padded already and lies [height][width][channels], as does the output.
 *
 * <p>The function takes a block of five pointers: image, weights as int16 [taps][channels], bias
 * [channels], multipliers [channels], output. Nothing outside them is read or written. Immutable.
 *
 * @param height rows of the padded image
 * @param width columns of the padded image
 * @param channels a multiple of 8
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param stride the step of the window, both ways
 * @param signed whether the image is int8 rather than uint8
 * @param rounding the end of each sum
 */
public record ArmDepthwise(
    int height,
    int width,
    int channels,
    int kernelHeight,
    int kernelWidth,
    int stride,
    boolean signed,
    ArmRounding rounding) {
  /** The name of the function in the code. */
  public static final String NAME = "depthwise";

  private static final int BLOCK = 8;

  /** The farthest that a load of eight bytes reaches from its base. */
  private static final int FARTHEST = 4095 * 8;

  private static final X IMAGE = X.X1;
  private static final X WEIGHTS = X.X2;
  private static final X BIAS = X.X3;
  private static final X MULTIPLIERS = X.X4;
  private static final X OUTPUT = X.X5;
  private static final X ROW = X.X6;
  private static final X COLUMN = X.X7;
  private static final X PLACE = X.X8;
  private static final X WEIGHT = X.X9;
  private static final X CHANNEL_BIAS = X.X10;
  private static final X CHANNEL_MULTIPLIER = X.X11;
  private static final X ROWS = X.X12;
  private static final X COLUMNS = X.X13;
  private static final X BLOCKS = X.X14;

  public ArmDepthwise {
    if (channels < BLOCK || channels % BLOCK != 0) {
      throw new IllegalArgumentException(channels + " channels are no multiple of " + BLOCK + ".");
    }
    if (stride < 1
        || kernelHeight < 1
        || kernelWidth < 1
        || kernelHeight > height
        || kernelWidth > width) {
      throw new IllegalArgumentException("The window does not fit the image.");
    }
    long image = (long) height * width * channels;
    long reach = ((long) (kernelHeight - 1) * width + kernelWidth - 1) * channels;
    if (image >= 1 << 23 || reach > FARTHEST) {
      throw new IllegalArgumentException("An image row of " + width * channels + " is too long.");
    }
  }

  /** Rows of the output. */
  public int outputHeight() {
    return (height - kernelHeight) / stride + 1;
  }

  /** Columns of the output. */
  public int outputWidth() {
    return (width - kernelWidth) / stride + 1;
  }

  /** Generates the function. */
  public Code code() {
    ArmAssembler a = new ArmAssembler(ArmIsa.NEON);
    ArmRounding.Constants constants = new ArmRounding.Constants(V.free(16), V.free(17), V.free(18));
    a.symbol(NAME);
    a.load(IMAGE, X.X0, 0);
    a.load(WEIGHTS, X.X0, 8);
    a.load(BIAS, X.X0, 16);
    a.load(MULTIPLIERS, X.X0, 24);
    a.load(OUTPUT, X.X0, 32);
    rounding.load(a, constants);
    a.mov(ROW, IMAGE);
    a.mov(ROWS, outputHeight());
    Label row = a.here();
    a.mov(COLUMN, ROW);
    a.mov(COLUMNS, outputWidth());
    Label column = a.here();
    a.mov(PLACE, COLUMN);
    a.mov(WEIGHT, WEIGHTS);
    a.mov(CHANNEL_BIAS, BIAS);
    a.mov(CHANNEL_MULTIPLIER, MULTIPLIERS);
    a.mov(BLOCKS, channels / BLOCK);
    Label block = a.here();
    window(a, constants);
    a.add(PLACE, PLACE, BLOCK);
    a.add(WEIGHT, WEIGHT, 2 * BLOCK);
    a.subs(BLOCKS, 1);
    a.branchIfNotZero(block);
    a.add(COLUMN, COLUMN, stride * channels);
    a.subs(COLUMNS, 1);
    a.branchIfNotZero(column);
    a.add(ROW, ROW, stride * width * channels);
    a.subs(ROWS, 1);
    a.branchIfNotZero(row);
    a.ret();
    return a.finish();
  }

  /** One output place of eight channels. */
  private void window(ArmAssembler a, ArmRounding.Constants constants) {
    V low = V.free(0);
    V high = V.free(1);
    V pixels = V.free(2);
    V weights = V.free(3);
    a.loadAndStep(Size.Q, low, CHANNEL_BIAS, 16);
    a.loadAndStep(Size.Q, high, CHANNEL_BIAS, 16);
    for (int y = 0; y < kernelHeight; y++) {
      for (int x = 0; x < kernelWidth; x++) {
        a.load(Size.D, pixels, PLACE, (y * width + x) * channels);
        a.load(Size.Q, weights, WEIGHT, (y * kernelWidth + x) * channels * 2);
        a.emit(signed ? SXTL_8H : UXTL_8H, pixels, pixels);
        a.emit(SMLAL_4S, low, pixels, weights);
        a.emit(SMLAL2_4S, high, pixels, weights);
      }
    }
    V multiplier = V.free(4);
    a.loadAndStep(Size.Q, multiplier, CHANNEL_MULTIPLIER, 16);
    ArmRounding.scale(a, low, multiplier);
    a.loadAndStep(Size.Q, multiplier, CHANNEL_MULTIPLIER, 16);
    ArmRounding.scale(a, high, multiplier);
    ArmRounding.round(a, low, constants);
    ArmRounding.round(a, high, constants);
    ArmRounding.narrow(a, low, high);
    ArmRounding.store(a, low, OUTPUT, BLOCK);
  }
}
