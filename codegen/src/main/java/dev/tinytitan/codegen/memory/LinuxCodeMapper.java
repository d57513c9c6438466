package dev.tinytitan.codegen.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pages are mapped, written, and then lose the permission to be written for that to be executed.
 */
@SuppressWarnings("restricted") // Whether native access is enabled, Host has looked at.
final class LinuxCodeMapper implements CodeMapper {

  @Override
  public MemorySegment map(byte[] code) {
    LinuxMemory linux = LinuxMemory.instance();
    long bytes = Math.max(1, code.length);
    long address = linux.map(bytes);
    MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(bytes);
    MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
    try {
      linux.protect(address, bytes, LinuxMemory.Access.READ_EXECUTE);
    } catch (CodeMemoryException refused) {
      linux.unmap(address, bytes);
      throw refused;
    }
    return memory.asReadOnly();
  }

  @Override
  public void unmap(MemorySegment memory) {
    LinuxMemory.instance().unmap(memory.address(), memory.byteSize());
  }
}
