import { type InferenceSession, Tensor as OrtTensor, InferenceSession as Sessions } from "onnxruntime-node";
import { noGrad, randn, scope, type Tensor, zeros } from "tensorgrad";
import { conv2d, convTranspose2d } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { blas } from "tensorgrad/runtime";

/**
 * ONNX Runtime's Conv and ConvTranspose (the gradient of a convolution's input) beside this library's with its BLAS, one thread,
 * for the layers of the convolutional networks: median milliseconds of CPU time of calls in turns. Its results go to memory that is there.
 * `passing` is a run of its Add over the same result: what the call itself costs, at most. Prints one JSON object.
 */
const LAYERS = [
  { name: "64→128 at 16²", C: 64, O: 128, size: 16 },
  { name: "128→256 at 8²", C: 128, O: 256, size: 8 },
  { name: "32→64 at 16²", C: 32, O: 64, size: 16 },
] as const;
const ROUNDS = Number(process.argv[2] ?? 15);

const channelsLast = (x: Tensor): Tensor => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
const median = (values: readonly number[]): number =>
  Number([...values].sort((a, b) => a - b)[values.length >> 1].toFixed(3));

async function theirs(fn: (x: Tensor) => Tensor, x: Tensor): Promise<() => Promise<unknown>> {
  const bytes = exportOnnx((input) => fn(input), x, { dynamicBatch: false });
  const options: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = await Sessions.create(bytes, options);
  const y = fn(x);
  const tensor = (t: Tensor) => new OrtTensor("float32", Float32Array.from(t.contiguous().data), t.shape);
  const [feeds, fetches] = [{ [session.inputNames[0]]: tensor(x) }, { [session.outputNames[0]]: tensor(y) }];
  return () => session.run(feeds, fetches);
}

function ours(fn: (x: Tensor) => Tensor, x: Tensor): () => void {
  const lying = channelsLast(x);
  return () => {
    using _ = scope();
    noGrad(() => fn(lying));
  };
}

async function compared(batch: number, { name, C, O, size }: (typeof LAYERS)[number]) {
  const w = randn([O, C, 3, 3]);
  const [x, g] = [randn([batch, C, size, size]), randn([batch, O, size, size])];
  const mine = w.clone(); // a file shows its weights; what was shown may change, and is transformed in every call
  const forward = (t: Tensor, filters = mine) => conv2d(t, filters, null, { padding: 1 });
  const back = (t: Tensor, filters = mine) => convTranspose2d(t, filters, null, { padding: 1 });
  const zero = zeros([1]);
  const contenders = {
    oursForward: ours(forward, x),
    theirsForward: await theirs((t) => forward(t, w), x),
    oursInputGradient: ours(back, g),
    theirsInputGradient: await theirs((t) => back(t, w), g),
    passing: await theirs((t) => t.add(zero), g),
  };
  const times = Object.entries(contenders).map(([key, run]) => ({ key, run, values: [] as number[] }));
  const repeat = batch === 1 ? 50 : 2;
  for (let round = -3; round < ROUNDS; round++) {
    for (const { run, values } of times) {
      const start = process.cpuUsage();
      for (let i = 0; i < repeat; i++) await run();
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) values.push((user + system) / 1000 / repeat);
    }
  }
  return { layer: name, batch, ...Object.fromEntries(times.map(({ key, values }) => [key, median(values)])) };
}

const rows = [];
for (const batch of [64, 1]) for (const layer of LAYERS) rows.push(await compared(batch, layer));
console.log(JSON.stringify({ blas: blas().library?.name ?? null, unit: "CPU ms", rows }));
