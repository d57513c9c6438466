package dev.tinytitan.onnx;

import java.util.List;

/**
 * How a model was written.
 *
 * @param opset the opset of ONNX's own domain that it is written in
 * @param reasons why that is newer than the one asked for, one line for each operator that needs
 *     it; empty if it is the one asked for
 * @param bytes bytes of the model, files with external data included
 */
public record WrittenModel(int opset, List<String> reasons, long bytes) {
  public WrittenModel {
    reasons = List.copyOf(reasons);
  }
}
