package dev.tinytitan.kernel;

import java.util.List;

/**
 * Why one step of a plan runs as it does.
 *
 * @param step the node's name, or what is converted
 * @param operator the operator's name; {@code Layout} for a layout conversion
 * @param engine the engine that gives the kernel
 * @param kernel the kernel's row; {@code eval} for the reference
 * @param layout how feature maps lie
 * @param parts into how many parts it is split between threads
 * @param cost estimated nanoseconds on one thread; 0 if not estimated
 * @param others what else was looked at and why it was not taken
 * @param nodes for a kernel made of many nodes, each of these: its operator and name; else empty
 */
public record StepReport(
    String step,
    String operator,
    String engine,
    String kernel,
    Layout layout,
    int parts,
    double cost,
    List<String> others,
    List<String> nodes) {}
