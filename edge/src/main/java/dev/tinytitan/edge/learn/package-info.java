/**
 * Learning on the device: a deployed model goes on learning within a budget of memory. Start at
 * {@link dev.tinytitan.edge.learn.Learner}.
 */
@NullMarked
package dev.tinytitan.edge.learn;

import org.jspecify.annotations.NullMarked;
