package dev.tinytitan.codegen.arm;

import dev.tinytitan.codegen.Binutils;
import dev.tinytitan.codegen.code.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs generated AArch64 functions in qemu-user, through the program {@code harness.s}. Every
 * buffer lies between pages that nobody may touch, and touches the one before it or the one behind.
 * The first run in a folder assembles the harness. Where binutils or qemu are absent, tests are
 * skipped and say so; in CI that is a failure.
 */
final class EmulatedArm {
  private static final int PAGE = 4096;

  private final Path folder;
  private final Path program;

  EmulatedArm(Path folder) throws IOException {
    Binutils.requireProgram("aarch64-linux-gnu-as", "binutils-aarch64-linux-gnu");
    Binutils.requireProgram("qemu-aarch64", "qemu-user");
    this.folder = folder;
    this.program = folder.resolve("harness");
    Path source = folder.resolve("harness.s");
    try (InputStream in = EmulatedArm.class.getResourceAsStream("harness.s")) {
      Files.copy(in, source);
    }
    Path object = folder.resolve("harness.o");
    Binutils.run(List.of("aarch64-linux-gnu-as", source.toString(), "-o", object.toString()));
    Binutils.run(List.of("aarch64-linux-gnu-ld", object.toString(), "-o", program.toString()));
  }

  /**
   * Calls the function at the start of the code with a block of pointers: to the inputs in order,
   * then to the output.
   *
   * @param atEnd whether buffers end at a guard page, rather than start at one
   * @return the output
   */
  byte[] run(Code code, int outputBytes, boolean atEnd, byte[]... inputs) throws IOException {
    List<byte[]> buffers = new ArrayList<>(List.of(inputs));
    buffers.add(new byte[outputBytes]);
    int codePages = pages(code.bytes().length);
    int page = 2 + codePages; // a header, the block of pointers, code
    int total = page;
    for (byte[] buffer : buffers) {
      total += 1 + pages(buffer.length);
    }
    total++;
    ByteBuffer file = ByteBuffer.allocate(total * PAGE).order(ByteOrder.LITTLE_ENDIAN);
    file.put(2 * PAGE, code.bytes());
    int[] places = new int[buffers.size()];
    int guards = 56;
    for (int i = 0; i < places.length; i++) {
      file.putLong(guards, (long) page * PAGE);
      guards += 8;
      int size = pages(buffers.get(i).length) * PAGE;
      places[i] = (page + 1) * PAGE + (atEnd ? size - buffers.get(i).length : 0);
      file.put(places[i], buffers.get(i));
      file.putLong(PAGE + 8 * i, places[i]);
      page += 1 + size / PAGE;
    }
    file.putLong(guards, (long) page * PAGE);
    file.putLong(0, 2 * PAGE);
    file.putLong(8, code.bytes().length);
    file.putLong(16, PAGE);
    file.putLong(24, places.length);
    file.putLong(32, places[places.length - 1]);
    file.putLong(40, outputBytes);
    file.putLong(48, places.length + 1);
    Path image = folder.resolve("image.bin");
    Files.write(image, file.array());
    return execute(image);
  }

  private byte[] execute(Path image) throws IOException {
    Process process =
        new ProcessBuilder("qemu-aarch64", "-cpu", "max", program.toString(), image.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    byte[] output = process.getInputStream().readAllBytes();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("The emulated program does not end.");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(
          "The emulated program ended with "
              + process.exitValue()
              + (process.exitValue() == 139 ? ": it touched a guard page." : "."));
    }
    return output;
  }

  private static int pages(int bytes) {
    return Math.max(1, (bytes + PAGE - 1) / PAGE);
  }
}
