/**
 * Data sets and the formats that they come in: npy, npz, CSV, IDX, folders of images and of sounds,
 * lines of text. Start at {@link dev.tinytitan.data.Dataset}.
 */
@NullMarked
package dev.tinytitan.data;

import org.jspecify.annotations.NullMarked;
