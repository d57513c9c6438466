/** Makes models smaller: pruning, quantization, distillation; standard ONNX in and out. */
module dev.tinytitan.compress {
  requires transitive dev.tinytitan;
  requires transitive dev.tinytitan.data;
  requires transitive dev.tinytitan.train;
  requires com.fasterxml.jackson.databind;
  requires java.desktop;
  requires static transitive org.jspecify;

  exports dev.tinytitan.compress;
  exports dev.tinytitan.compress.distill;
  exports dev.tinytitan.compress.measure;
  exports dev.tinytitan.compress.metric;
  exports dev.tinytitan.compress.prune;
  exports dev.tinytitan.compress.quantize;
  exports dev.tinytitan.compress.report;
  exports dev.tinytitan.compress.search;
  exports dev.tinytitan.compress.statistics;
}
