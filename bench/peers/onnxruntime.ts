/** ONNX Runtime's MatMul, and its inference of a convolutional network, on one thread. Models are exported by this library. */
import { randn } from "tensorgrad";
import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from "tensorgrad/nn";
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
  if (work.kind === "cnn") return work.pass === "infer" ? network(work, repeat) : null;
  if (work.kind !== "gemm" || work.layout !== "NN") return null;
  const dims = [work.size, work.size];
  const bytes = exportOnnx((a, b) => a.matmul(b), [randn(dims), randn(dims)], { dynamicBatch: false });
  const operand = (seed: number) => new ort.Tensor("float32", floats(work.size ** 2, seed), dims);
  return runs(bytes, { input_0: operand(1), input_1: operand(2) }, repeat);
}

async function network({ widths, batch }: Extract<Work, { kind: "cnn" }>, repeat: number): Promise<Workload> {
  const block = (from: number, to: number): Layer[] => [
    new Conv2d(from, to, 3, { padding: 1 }),
    new MaxPool2d(2),
    new ReLU(),
  ];
  const blocks = widths.flatMap((width, i) => block(i === 0 ? 3 : widths[i - 1], width));
  const model = new Sequential(...blocks, new Flatten(), new Linear(widths[2] * 16, 10));
  model.eval();
  const dims = [batch, 3, 32, 32];
  const bytes = exportOnnx(model, randn(dims), { dynamicBatch: false });
  return runs(bytes, { input: new ort.Tensor("float32", floats(batch * 3072), dims) }, repeat);
}

/** ONNX Runtime optimizes the graph as far as it can: what a user who serves it would choose. */
async function runs(bytes: Uint8Array, feeds: Record<string, unknown>, repeat: number): Promise<Workload> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    run: async () => {
      for (let i = 0; i < repeat; i++) await session.run(feeds);
    },
    dispose: () => void session.release(),
  };
}

await serve("ONNX Runtime, 1 thread", prepare);
