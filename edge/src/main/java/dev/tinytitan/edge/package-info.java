/**
 * Models where they are used: {@code learn} lets them go on learning on the device, {@code adapt}
 * changes their size and precision with the resources at hand, {@code energy} tells what they cost.
 */
@NullMarked
package dev.tinytitan.edge;

import org.jspecify.annotations.NullMarked;
