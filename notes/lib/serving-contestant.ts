/** A server in a process of its own, for `notes/measure/serving/21-serving.ts`: prints its address, ends when its input ends. */
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { fastify } from "fastify";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { zeros } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { type ServeOptions, type Server, serve } from "tensorgrad/serving";
import { loadTensors } from "tensorgrad/train/node";
import { slowEcho } from "../../tensorgrad/tests/21-serving/flood.fixture.ts";

const CHECKPOINT = fileURLToPath(new URL("../../examples/checkpoints/02-mlp.safetensors", import.meta.url));
const example = zeros([1, 784]);

async function mlp(): Promise<Sequential> {
  const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
  model.loadStateDict((await loadTensors(CHECKPOINT)).tensors);
  return model;
}

/** What one writes in half an hour: ONNX Runtime behind fastify, request by request. */
async function plain(): Promise<string> {
  const session = await InferenceSession.create(Buffer.from(exportOnnx(await mlp(), example)), {
    intraOpNumThreads: 1, // more would wait for each other: a product with one row is too small to divide
  });
  const app = fastify();
  app.post<{ Body: { inputs: [{ shape: number[]; data: number[] }] } }>(
    "/v2/models/mlp/infer",
    async ({ body }) => {
      const [{ shape, data }] = body.inputs;
      const { output } = await session.run({ input: new Tensor("float32", Float32Array.from(data), shape) });
      const given = {
        name: "output",
        shape: output.dims,
        datatype: "FP32",
        data: Array.from(output.data as Float32Array),
      };
      return { model_name: "mlp", model_version: "1", outputs: [given] };
    },
  );
  return app.listen({ port: 0 });
}

const ours = async (options: ServeOptions): Promise<Server> =>
  serve(await mlp(), { name: "mlp", example, port: 0, ...options });

const contestants: Readonly<Record<string, (settings: ServeOptions) => Promise<string>>> = {
  plain,
  tensorgrad: async (settings) => (await ours(settings)).url,
  onnxruntime: async (settings) => (await ours({ engine: "onnxruntime", ...settings })).url,
  echo: async (settings) => (await serve(slowEcho(20), { port: 0, ...settings })).url,
};

const [name, settings = "{}"] = process.argv.slice(2);
console.log(await contestants[name](JSON.parse(settings) as ServeOptions));
process.stdin.resume().once("end", () => process.exit());
