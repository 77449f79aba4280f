import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { manualSeed, noGrad, randn, scope } from "tensorgrad";
import { exportOnnx, importOnnx } from "tensorgrad/onnx";
import { blas, median, threads } from "tensorgrad/runtime";
import { report } from "../../lib/measure.ts";
import { ResNet50 } from "../../lib/resnet50.ts";

/**
 * Note on files of others: a file of the shape of ResNet-50, imported and run the first time, and then in turns with ONNX Runtime
 * on as many threads.
 */
const ROUNDS = 15;

manualSeed(1);
const model = new ResNet50().eval();
const x = randn([1, 3, 224, 224]);
const bytes = exportOnnx(model, x, { dynamicBatch: false });
const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);

const started = performance.now();
const imported = importOnnx(bytes).eval();
const importMs = performance.now() - started;
const ours = (): Float32Array => {
  using _ = scope();
  return noGrad(() => imported.forward(x)).data.slice() as Float32Array;
};
const first = ours();
const importAndFirstRunMs = performance.now() - started;

const session = await InferenceSession.create(bytes, {
  intraOpNumThreads: threads().working,
  interOpNumThreads: 1,
});
const feeds = {
  [session.inputNames[0]]: new OrtTensor("float32", x.data.slice() as Float32Array, [...x.shape]),
};
const theirs = async (): Promise<Float32Array> =>
  (await session.run(feeds))[session.outputNames[0]].data as Float32Array;

const reference = await theirs();
const largest = Math.max(...reference.map(Math.abs));
const difference = Math.max(...reference.map((y, i) => Math.abs(y - first[i])));
const times: Record<"ours" | "theirs", number[]> = { ours: [], theirs: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries({ ours, theirs }) as [keyof typeof times, () => unknown][]) {
    const start = performance.now();
    await run();
    times[name].push(performance.now() - start);
  }
}

const [oursMs, theirsMs] = [median(times.ours), median(times.theirs)];
const [oursLeastMs, theirsLeastMs] = [Math.min(...times.ours), Math.min(...times.theirs)];
report({
  megabytes: Math.round(bytes.length / 1e6),
  millionParameters: parameters / 1e6,
  importMs: Math.round(importMs),
  importAndFirstRunMs: Math.round(importAndFirstRunMs),
  oursMs: Math.round(oursMs),
  theirsMs: Math.round(theirsMs),
  ratio: Number((oursMs / theirsMs).toFixed(2)),
  // While others compute, a thread that is interrupted holds up the rest: the fastest round says what the code takes.
  oursLeastMs: Math.round(oursLeastMs),
  theirsLeastMs: Math.round(theirsLeastMs),
  ratioOfLeast: Number((oursLeastMs / theirsLeastMs).toFixed(2)),
  relativeDifference: difference / largest,
  threads: threads().working,
  blas: blas().library?.name ?? "none",
  rounds: ROUNDS,
  measured: "while other programs ran on the same cores",
});
