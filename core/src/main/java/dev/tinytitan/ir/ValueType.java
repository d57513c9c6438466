package dev.tinytitan.ir;

/** What a value is: a tensor, or one of ONNX's other types, which are carried but not run. */
public sealed interface ValueType permits TensorType, OpaqueType {}
