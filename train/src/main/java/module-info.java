/** Training: gradients, losses, optimizers, the trainer, and a zoo of small architectures. */
@SuppressWarnings("module") // The modules that some packages are open to are compiled later.
module dev.tinytitan.train {
  requires transitive dev.tinytitan;
  requires transitive dev.tinytitan.data;
  requires static transitive org.jspecify;

  exports dev.tinytitan.train;
  exports dev.tinytitan.train.gradient;
  exports dev.tinytitan.train.zoo;
  exports dev.tinytitan.train.op to
      dev.tinytitan.compress,
      dev.tinytitan.edge;

  provides dev.tinytitan.kernel.KernelExtension with
      dev.tinytitan.train.kernel.TrainingKernels;
}
