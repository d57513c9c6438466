/**
 * What running a model costs: joules by the best meter at hand, grams of carbon dioxide, money,
 * battery life. Every figure says where it comes from and how sure it is.
 */
@NullMarked
package dev.tinytitan.edge.energy;

import org.jspecify.annotations.NullMarked;
