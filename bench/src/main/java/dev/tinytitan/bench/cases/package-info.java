/**
 * Whole ways from real data to a small model: train, compress, judge on groups that neither saw.
 * {@link dev.tinytitan.bench.cases.DataCases} runs them.
 */
@NullMarked
package dev.tinytitan.bench.cases;

import org.jspecify.annotations.NullMarked;
