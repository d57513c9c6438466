package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The extensions on the class path or module path, looked for once per process. */
final class KernelExtensions {
  /** Service files name a few extensions at most; this only bounds the search. */
  private static final int MOST_FAILURES = 16;

  /** Looked for once, when first needed; so a failure is logged once. */
  private static final class Found {
    static final List<KernelExtension> EXTENSIONS = find();

    private Found() {}
  }

  private KernelExtensions() {}

  /** The kernels that they bring, on these inner loops. */
  static List<KernelRow> rows(VectorOperations operations) {
    List<KernelRow> rows = new ArrayList<>();
    for (KernelExtension extension : Found.EXTENSIONS) {
      rows.addAll(extension.rows(operations));
    }
    return rows;
  }

  private static List<KernelExtension> find() {
    List<KernelExtension> found = new ArrayList<>();
    Iterator<KernelExtension> extensions =
        ServiceLoader.load(KernelExtension.class, KernelExtension.class.getClassLoader())
            .iterator();
    for (int failures = 0; failures < MOST_FAILURES; ) {
      try {
        if (!extensions.hasNext()) {
          break;
        }
        found.add(extensions.next());
      } catch (ServiceConfigurationError | LinkageError error) {
        failures++;
        System.getLogger(KernelExtensions.class.getName())
            .log(
                System.Logger.Level.WARNING,
                "Kernels of an extension are not used, their operators run on the reference: "
                    + error);
      }
    }
    return List.copyOf(found);
  }
}
