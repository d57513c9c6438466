/** What learning on a device reaches on real data; see {@code OnDeviceLearning}. */
@NullMarked
package dev.tinytitan.bench.learn;

import org.jspecify.annotations.NullMarked;
