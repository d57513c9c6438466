package dev.tinytitan.kernel;

import java.util.List;
import java.util.Optional;

/**
 * Makes one kernel of many nodes: for engines that write code for a whole run of layers, so that a
 * small model costs one call and what lies between its layers never takes another form. Stateless
 * and safe for use by many threads.
 *
 * <p>The planner offers each node first. It then offers the longest runs of those that were taken;
 * where a run is refused, a shorter one. A node that ends up in no chain gets a kernel of its own
 * from the engines' rows.
 */
public interface ChainCompiler {

  /** The kernel's name in explanations, such as {@code chain-avx512_vnni}. */
  String name();

  /**
   * Told before a plan is made that may hold chains. What takes long and does not depend on the
   * chain may begin on another thread; {@link #make} waits for it.
   */
  default void expectChains() {}

  /** Why a node cannot be part of any chain; empty if it can. */
  Optional<String> refuses(KernelRequest node);

  /** Why no kernel can or should be made of this chain, whose nodes were all taken singly. */
  Optional<String> refuses(Chain chain);

  /**
   * Makes the kernel: lays out buffers, packs weights, writes code. Only after {@link
   * #refuses(Chain)} was empty. What it holds outside the heap it hands to {@link
   * PackedWeights#closeAtEnd}; where it fails it holds nothing. The kernel is run in one part; it
   * splits its work between the {@link Workers} that it is bound to.
   *
   * @param threads how many there will be, the caller counted
   * @throws KernelUnavailableException if something outside keeps the kernel from being made that
   *     {@link #refuses(Chain)} could not know of. The planner then gives each node of the chain a
   *     kernel of its own from the engines' rows.
   */
  Kernel make(Chain chain, int threads);

  /**
   * Whether a kernel is made at once. False while this process has made none and its first costs
   * much more than a run of a small model: another plan may then stand in until it is there.
   */
  default boolean isWarm() {
    return true;
  }

  /**
   * Whether a node that {@link #refuses(KernelRequest)} takes has the same result, bit for bit, in
   * a chain as on its operator's reference and on the {@link #standIns}.
   */
  default boolean isExact(KernelRequest node) {
    return false;
  }

  /**
   * Kernels in plain Java that give the same bits as chains do, and are made in no time: with the
   * references of other operators, they answer until the first chain is made.
   */
  default List<KernelRow> standIns() {
    return List.of();
  }

  /**
   * The code that {@link #make} writes for this chain, for people: a line for each instruction.
   * Makes it once more, and so may hold memory until the session ends.
   *
   * @param node the node whose code is asked for, as it is on one thread; empty for all of it
   */
  String listing(Chain chain, int threads, String node);

  /**
   * Measures each layer of the kernel that {@link #make} makes for one thread, in the order in
   * which they run. Makes it once more, and so may hold memory until the session ends.
   */
  List<LayerTime> times(Chain chain);
}
