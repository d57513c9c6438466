package dev.tinytitan.kernel;

import java.util.List;

/**
 * Kernels that another module brings, for operators of its own or for cases that core has no kernel
 * for; found with {@link java.util.ServiceLoader}. Every engine of inner loops gets them ({@link
 * VectorOperations#allRows}), behind its own.
 */
public interface KernelExtension {

  /** One row for each kernel, computing with these inner loops. */
  List<KernelRow> rows(VectorOperations operations);
}
