/** Data sets and pre-processing for TinyTitan. */
module dev.tinytitan.data {
  requires transitive dev.tinytitan;
  requires com.fasterxml.jackson.databind;
  requires java.desktop;
  requires static transitive org.jspecify;

  exports dev.tinytitan.data;
  exports dev.tinytitan.data.text;
}
