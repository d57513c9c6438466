/**
 * Training: losses, optimizers, schedules, augmentation, and the {@link
 * dev.tinytitan.train.Trainer} that brings them together on the engine that also runs models.
 */
@NullMarked
package dev.tinytitan.train;

import org.jspecify.annotations.NullMarked;
