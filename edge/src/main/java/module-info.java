/** Models on devices: they go on learning, adapt to resources, and account for energy. */
@SuppressWarnings("requires-automatic") // OSHI has no module descriptor.
module dev.tinytitan.edge {
  requires transitive dev.tinytitan;
  requires transitive dev.tinytitan.data;
  requires transitive dev.tinytitan.train;
  requires transitive dev.tinytitan.compress;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires com.github.oshi;
  requires static transitive org.jspecify;

  exports dev.tinytitan.edge.adapt;
  exports dev.tinytitan.edge.elastic;
  exports dev.tinytitan.edge.energy;
  exports dev.tinytitan.edge.learn;
}
