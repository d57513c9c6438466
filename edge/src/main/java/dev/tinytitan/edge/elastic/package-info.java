/**
 * Models with several operating points in one file: widths, depths, precisions; and cascades of
 * separate models.
 */
@NullMarked
package dev.tinytitan.edge.elastic;

import org.jspecify.annotations.NullMarked;
