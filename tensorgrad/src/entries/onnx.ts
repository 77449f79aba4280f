/** `tensorgrad/onnx`: models as ONNX files. */
export * from "../onnx/index.ts";
