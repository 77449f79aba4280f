/** ONNX Runtime's MatMul, one thread. The model is exported by this library. */
import { randn } from "tensorgrad";
import { exportOnnx } from "tensorgrad/onnx";
import type { Work } from "../cases.ts";
import { floats } from "../contenders/inputs.ts";
import { serve, type Workload } from "../serve.ts";
import { peer } from "./peer.ts";

interface Session {
  run(feeds: Record<string, unknown>): Promise<unknown>;
  release(): Promise<void>;
}

interface OnnxRuntime {
  InferenceSession: { create(bytes: Uint8Array, options: Record<string, unknown>): Promise<Session> };
  Tensor: new (dtype: string, data: Float32Array, dims: readonly number[]) => unknown;
}

const ort = await peer<OnnxRuntime>("onnxruntime-node");

async function prepare(work: Work, repeat: number): Promise<Workload | null> {
  if (work.kind !== "gemm" || work.layout !== "NN") return null;
  const dims = [work.size, work.size];
  const bytes = exportOnnx((a, b) => a.matmul(b), [randn(dims), randn(dims)], { dynamicBatch: false });
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const operand = (seed: number) => new ort.Tensor("float32", floats(work.size ** 2, seed), dims);
  const feeds = { input_0: operand(1), input_1: operand(2) };
  return {
    run: async () => {
      for (let i = 0; i < repeat; i++) await session.run(feeds);
    },
    dispose: () => void session.release(),
  };
}

await serve("ONNX Runtime, MatMul, 1 thread", prepare);
