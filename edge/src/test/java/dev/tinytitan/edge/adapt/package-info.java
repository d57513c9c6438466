/** Tests of adapting to a device's conditions. */
package dev.tinytitan.edge.adapt;
