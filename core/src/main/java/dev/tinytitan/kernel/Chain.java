package dev.tinytitan.kernel;

import java.util.List;

/**
 * A run of neighbouring nodes that one kernel could compute: nothing outside stands between them.
 * All shapes are concrete, and everything that goes in or out lies row-major and narrow.
 *
 * @param nodes in an order in which each comes after those it reads from
 * @param inputs names of the values from outside that the nodes read, constants left out; the
 *     kernel takes them in this order
 * @param outputs names of the values that others read, or that the graph gives; the kernel gives
 *     them in this order
 */
public record Chain(List<KernelRequest> nodes, List<String> inputs, List<String> outputs) {

  public Chain {
    nodes = List.copyOf(nodes);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
