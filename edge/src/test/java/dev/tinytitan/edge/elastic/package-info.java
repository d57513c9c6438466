/** Tests of elastic models. */
package dev.tinytitan.edge.elastic;
