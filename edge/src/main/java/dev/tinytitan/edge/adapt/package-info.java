/**
 * Choosing how a model runs by what the device can spare: sensors, a controller with an estimate of
 * how much slower everything runs, and a simulator of a device's day.
 */
@NullMarked
package dev.tinytitan.edge.adapt;

import org.jspecify.annotations.NullMarked;
