import { answerCalls } from "../lib/worker-calls.ts";
import { printed } from "./inspect.ts";
import { type Modules, runProgram } from "./program.ts";
import type { EditWork } from "./work.ts";

const modules: Modules = {
  micrograd: () => import("micrograd"),
  tensorgrad: () => import("tensorgrad"),
  "tensorgrad/nn": () => import("tensorgrad/nn"),
  "tensorgrad/optim": () => import("tensorgrad/optim"),
  "tensorgrad/data": () => import("tensorgrad/data"),
  "tensorgrad/train": () => import("tensorgrad/train"),
  "tensorgrad/text": () => import("tensorgrad/text"),
  "tensorgrad/functions": () => import("tensorgrad/functions"),
  "tensorgrad/runtime": () => import("tensorgrad/runtime"),
  "tensorgrad/onnx": () => import("tensorgrad/onnx"),
  "tensorgrad/plots": () => import("tensorgrad/plots"),
  "tensorgrad/profiling": () => import("tensorgrad/profiling"),
  "tensorgrad/acceleration": () => import("tensorgrad/acceleration"),
  "tensorgrad/quantization": () => import("tensorgrad/quantization"),
  "tensorgrad/compression": () => import("tensorgrad/compression"),
  "tensorgrad/benchmarking": () => import("tensorgrad/benchmarking"),
};

answerCalls<EditWork>({
  async run(code, report) {
    await runProgram(code, modules, (...values) => report(printed(values)));
    return null;
  },
});
