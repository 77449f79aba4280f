/**
 * A trained network behind HTTP: digits are asked for over the wire, by clients all at once, and the answers counted.
 *
 *   npx tsx examples/serve-digits.ts            # the committed model of milestone 2, on MNIST's test images
 *   npx tsx examples/serve-digits.ts --quick    # trains a small one on synthetic digits first
 *   npx tsx examples/serve-digits.ts --keep     # goes on serving: curl http://127.0.0.1:8080/v2/models/digits
 *
 * Every answer must be what the model computes in this process; sums of float32 may be rounded otherwise in another batch.
 */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import { noGrad, type Tensor, zeros } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { Sequential } from "tensorgrad/nn";
import { type Server, serve } from "tensorgrad/serving";
import { loadTensors } from "tensorgrad/train/node";
import { trainMlp } from "./02-mlp.ts";
import { digits } from "./lib/digit-classifier.ts";
import { MLP } from "./lib/digit-recipes.ts";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";

const CHECKPOINT = fileURLToPath(new URL("./checkpoints/02-mlp.safetensors", import.meta.url));
const TARGETS = { accuracy: { mnist: 0.97, synthetic: 0.8 }, maxAbs: 1e-5 } as const;
const CLIENTS = 16;

/** The committed model and the test images; in a quick run, a small training. */
async function modelAndImages(
  seed: number,
  quick: boolean,
): Promise<{ model: Sequential; test: ImageDataset; dataset: "mnist" | "synthetic" }> {
  const { name, test } = await digits(seed, quick);
  if (quick || name !== "mnist") {
    const { model } = await trainMlp({ seed, quick });
    return { model, test, dataset: name };
  }
  const model = new Sequential(...MLP.layers());
  const { tensors } = await loadTensors(CHECKPOINT);
  model.loadStateDict(tensors);
  return { model, test, dataset: name };
}

interface Asked {
  readonly correct: number;
  readonly maxAbs: number;
  readonly seconds: number;
}

/** Asks for every image in a request of its own, so many clients at a time. */
async function askAll(
  { url }: Server,
  x: Tensor,
  labels: ArrayLike<number>,
  expected: Tensor,
): Promise<Asked> {
  const [count, width] = x.shape;
  const classes = expected.shape[1];
  let [next, correct, maxAbs] = [0, 0, 0];
  const client = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const scores = await askOne(url, Array.from(x.data.subarray(i * width, (i + 1) * width)));
      if (scores.indexOf(Math.max(...scores)) === labels[i]) correct++;
      for (const [c, score] of scores.entries())
        maxAbs = Math.max(maxAbs, Math.abs(score - expected.data[i * classes + c]));
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { correct, maxAbs, seconds: (performance.now() - started) / 1000 };
}

async function askOne(url: string, data: readonly number[]): Promise<number[]> {
  const response = await fetch(`${url}/v2/models/digits/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ inputs: [{ name: "input", shape: [1, data.length], datatype: "FP32", data }] }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { outputs } = (await response.json()) as { outputs: { data: number[] }[] };
  return outputs[0].data;
}

/** The average number of rows computed together, as Prometheus would work it out. */
async function rowsPerBatch({ url }: Server): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`${name}\\{[^}]*\\} (\\S+)`).exec(text)?.[1]);
  return read("tensorgrad_batch_rows_sum") / read("tensorgrad_batch_rows_count");
}

async function main(): Promise<void> {
  const { quick, seed, json, keep } = exampleOptions<{ keep?: boolean }>(
    "serve-digits",
    "A trained network behind HTTP",
    [new Option("--keep", "go on serving until Ctrl-C")],
  );
  const { model, test, dataset } = await modelAndImages(seed, quick);
  const { x, y } = test.batch(Int32Array.from({ length: quick ? 300 : 2000 }, (_, i) => i));
  const expected = noGrad(() => model.eval().forward(x));
  const server = await serve(model, {
    name: "digits",
    example: zeros([1, x.shape[1]]),
    port: keep ? 8080 : 0,
  });
  const { correct, maxAbs, seconds } = await askAll(server, x, y.data, expected);
  const batch = await rowsPerBatch(server);
  if (keep) {
    console.log(`${server.url}/v2/models/digits; Ctrl-C ends it`);
    await once(process, "SIGINT");
  }
  await server.close();
  const requests = x.shape[0];
  const accuracy = correct / requests;
  finish({
    json,
    result: {
      dataset,
      requests,
      accuracy,
      maxAbs,
      rowsPerBatch: batch,
      requestsPerSecond: requests / seconds,
    },
    misses: [
      ...atLeast("accuracy over the wire", accuracy, TARGETS.accuracy[dataset]),
      ...atMost("largest difference to the model in this process", maxAbs, TARGETS.maxAbs),
      ...atLeast("rows computed together", batch, 1.01),
    ],
  });
}

if (isMain(import.meta.url)) await main();
