package dev.tinytitan.edge.adapt;

import dev.tinytitan.edge.elastic.OperatingPoint;
import java.util.Optional;

/**
 * Which point runs next.
 *
 * @param point the point
 * @param inTime the estimated probability that it meets the deadline
 * @param slowdown the estimated factor on its profile
 * @param change why another one than before, in one sentence; empty if it is the same
 */
public record Decision(
    OperatingPoint point, double inTime, double slowdown, Optional<String> change) {}
