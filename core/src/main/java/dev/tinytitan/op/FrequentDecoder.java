package dev.tinytitan.op;

import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.Operator;
import java.util.function.Function;

/**
 * The decoders of the operators that small models consist of, which stand in the operators' own
 * files. One class for all of them: a lambda takes the JVM about as long as reading ten nodes, and
 * the first lambda of a program as long as reading a small model.
 *
 * @param name of the operator
 */
record FrequentDecoder(String name) implements Function<ImportContext, Operator> {
  @Override
  public Operator apply(ImportContext context) {
    return switch (name) {
      case "Add" -> new Add();
      case "AveragePool" -> AveragePool.decode(context);
      case "Conv" -> Conv.decode(context);
      case "DequantizeLinear" -> DequantizeLinear.decode(context);
      case "Flatten" -> Flatten.decode(context);
      case "Gemm" -> Gemm.decode(context);
      case "GlobalAveragePool" -> new GlobalAveragePool();
      case "MatMul" -> new MatMul();
      case "MaxPool" -> MaxPool.decode(context);
      case "QuantizeLinear" -> QuantizeLinear.decode(context);
      case "Relu" -> new Relu();
      case "Reshape" -> Reshape.decode(context);
      case "Softmax" -> Softmax.decode(context);
      default -> throw new IllegalStateException(name + " is decoded in its own file");
    };
  }
}
