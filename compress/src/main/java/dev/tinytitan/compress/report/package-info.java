/** The report about a compressed model: one HTML file that needs nothing else. */
@NullMarked
package dev.tinytitan.compress.report;

import org.jspecify.annotations.NullMarked;
