package dev.tinytitan.kernel;

/**
 * The threads of a session, for kernels that split their work themselves. Running work on them
 * allocates nothing and never waits for a thread that is busy elsewhere: parts that nobody else
 * takes are computed by the caller.
 */
public interface Workers {

  /** One thread: the caller's. */
  Workers NONE =
      new Workers() {
        @Override
        public int threads() {
          return 1;
        }

        @Override
        public void run(Task task, int parts, double nanos) {
          for (int part = 0; part < parts; part++) {
            task.run(part, parts);
          }
        }
      };

  /** Work in parts that may be computed at once, and by one thread after another, in any order. */
  @FunctionalInterface
  interface Task {
    /**
     * Computes one part.
     *
     * @param part from 0 to {@code parts - 1}
     */
    void run(int part, int parts);
  }

  /** How many threads there are, the caller counted. */
  int threads();

  /**
   * Computes all parts, and returns when they are done. Threads that sleep are woken only if that
   * is worth it.
   *
   * @param nanos estimated time of all parts together
   * @throws IllegalStateException if a part failed, with its failure as the cause
   */
  void run(Task task, int parts, double nanos);
}
