/**
 * Benchmarks of single operations with JMH. {@code java @cli/target/quick/titan.args
 * org.openjdk.jmh.Main CallCost -prof gc} runs one, with the bytes that a call allocates.
 */
@NullMarked
package dev.tinytitan.bench.jmh;

import org.jspecify.annotations.NullMarked;
