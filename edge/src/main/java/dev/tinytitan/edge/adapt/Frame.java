package dev.tinytitan.edge.adapt;

import dev.tinytitan.edge.elastic.OperatingPoint;
import java.util.Optional;

/**
 * One answer.
 *
 * @param time when it was asked for, in seconds from the start
 * @param point that gave it
 * @param slowdown how much slower than its profile it was
 * @param seconds it took
 * @param inTime whether it met the deadline
 * @param joules it took
 * @param change why it ran at another point than the one before, if it did
 */
public record Frame(
    double time,
    OperatingPoint point,
    double slowdown,
    double seconds,
    boolean inTime,
    double joules,
    Optional<String> change) {}
