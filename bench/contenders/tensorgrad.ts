/** This library, in the configuration of its arguments: kernels, threads, BLAS. */
import { setTimeout } from "node:timers/promises";
import { fromArray, noGrad, randn, scope, type Tensor, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn"; // as a whole: an earlier revision has fewer names
import { Adam, AdamW, SGD } from "tensorgrad/optim";
import * as runtime from "tensorgrad/runtime";
import type { Elementwise, Fused, GptSizes, Small, Work } from "../cases.ts";
import { absent, serve, type Workload } from "../serve.ts";
import { classes, floats } from "./inputs.ts";

type Of<K extends Work["kind"]> = Extract<Work, { kind: K }>;

const [kernels, threads, blas] = process.argv.slice(2);

/** What is made inside one sample is given back at its end. */
function times(repeat: number, call: () => void, owned: readonly Tensor[] = []): Workload {
  return {
    run: () => {
      using _sample = scope();
      for (let i = 0; i < repeat; i++) call();
    },
    dispose: () => {
      for (const one of owned) one.storage.free();
    },
  };
}

function gemm({ size, layout }: Of<"gemm">, repeat: number): Workload {
  const owned = [randn([size, size]), randn([size, size])];
  const [a, b] = owned.map((x, i) => (layout[i] === "T" ? x.transpose(0, 1) : x));
  return times(repeat, () => void a.matmul(b), owned);
}

/** As for any user, each operation makes a new tensor. */
const elementwise: Readonly<Record<Elementwise, (a: Tensor, b: Tensor) => void>> = {
  copy: (a) => void a.clone(),
  add: (a, b) => void a.add(b),
  mul: (a, b) => void a.mul(b),
  relu: (a) => void a.relu(),
  sum: (a) => void a.sum(),
  exp: (a) => void a.exp(),
  tanh: (a) => void a.tanh(),
  gelu: (a) => void nn.gelu(a),
  geluTanh: (a) => void nn.gelu(a, { approximate: "tanh" }),
  sigmoid: (a) => void a.sigmoid(),
};

function overElements({ op, size }: Of<"elementwise">, repeat: number): Workload {
  const [a, b] = [fromArray(floats(size, 1), [size]), fromArray(floats(size, 2), [size])];
  const call = elementwise[op];
  return times(repeat, () => call(a, b), [a, b]);
}

function fused({ op, rows, cols }: Of<"fused">, repeat: number): Workload {
  const x = fromArray(floats(rows * cols), [rows, cols], { requiresGrad: true });
  const targets = fromArray(classes(rows), [rows]);
  const g = randn([rows, cols]);
  const calls: Readonly<Record<Fused, () => void>> = {
    softmax: () => nn.softmax(x, -1).backward(g),
    gelu: () => nn.gelu(x).backward(g),
    crossEntropy: () => nn.crossEntropy(x, targets).backward(),
  };
  const step = () => {
    calls[op]();
    x.zeroGrad();
  };
  return times(repeat, step, [x, targets, g]);
}

function mlp({ widths, batch, optimizer }: Of<"mlp">, repeat: number): Workload {
  const layers = widths.slice(1).map((outputs, i) => new nn.Linear(widths[i], outputs));
  const model = new nn.Sequential(
    ...layers.flatMap((layer, i) => (i === 0 ? [layer] : [new nn.ReLU(), layer])),
  );
  const x = fromArray(floats(batch * widths[0]), [batch, widths[0]]);
  const y = fromArray(classes(batch), [batch]);
  const update =
    optimizer === "sgd"
      ? new SGD(model.parameters(), { lr: 0.01 })
      : new Adam(model.parameters(), { lr: 1e-3 });
  const step = () => {
    using _step = scope();
    update.zeroGrad();
    nn.crossEntropy(model.forward(x), y).backward();
    update.step();
  };
  return times(repeat, step, [x, y]);
}

function cnn({ widths, batchNorm, batch, pass }: Of<"cnn">, repeat: number): Workload {
  const block = (from: number, to: number): nn.Layer[] => [
    new nn.Conv2d(from, to, 3, { padding: 1, bias: !batchNorm }),
    new nn.MaxPool2d(2),
    ...(batchNorm ? [new nn.BatchNorm2d(to)] : []),
    new nn.ReLU(),
  ];
  const blocks = widths.flatMap((width, i) => block(i === 0 ? 3 : widths[i - 1], width));
  const model = new nn.Sequential(...blocks, new nn.Flatten(), new nn.Linear(widths[2] * 16, 10));
  const x = fromArray(floats(batch * 3072), [batch, 3, 32, 32]);
  const y = fromArray(classes(batch), [batch]);
  const update = new SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 });
  const step = () => {
    using _step = scope();
    update.zeroGrad();
    nn.crossEntropy(model.forward(x), y).backward();
    update.step();
  };
  const look = () => {
    using _look = scope();
    noGrad(() => model.forward(x));
  };
  if (pass === "infer") model.eval();
  return times(repeat, pass === "step" ? step : look, [x, y]);
}

function gptOf({ layers, heads, width, context }: GptSizes): nn.GPT {
  const sizes = { vocabSize: 65, embedDim: width, numLayers: layers, numHeads: heads, maxSeqLen: context };
  return new nn.GPT({ ...sizes, activation: "geluTanh" });
}

function gpt({ batch, ...sizes }: Of<"gpt">, repeat: number): Workload {
  const model = gptOf(sizes);
  const [x, y] = [0, 1].map((i) =>
    fromArray(classes(batch * sizes.context + i).subarray(i), [batch, sizes.context]),
  );
  const update = new AdamW(model.parameters(), { lr: 1e-3 });
  const step = () => {
    using _step = scope();
    update.zeroGrad();
    nn.crossEntropy(model.forward(x).flatten(0, 1), y.flatten()).backward();
    update.step();
  };
  return times(repeat, step, [x, y]);
}

function generate({ cache, ...sizes }: Of<"generate">, repeat: number): Workload {
  const model = gptOf(sizes).eval();
  const options = { maxLength: 200, temperature: 0, ...(cache ? { cache: nn.KVCache.for(model) } : {}) };
  return times(repeat, () => void model.generate([1], options));
}

/** What surrounds the arithmetic: recording, scopes, modes. */
function small(op: Small, repeat: number): Workload {
  const made = { requiresGrad: true };
  const [a, b] = [tensor([1, 2, 3, 4], made), tensor([5, 6, 7, 8], made)];
  const rows = tensor([[1, 2, 3, 4], [5, 6, 7, 8]], made); // biome-ignore format: a matrix
  const calls: Readonly<Record<Small, () => void>> = {
    add: () => void a.add(b),
    "add a number": () => void a.add(1),
    bias: () => void rows.add(a),
    view: () => void a.reshape([2, 2]),
    chain: () => void a.mul(b).add(a).relu().sum(),
    backward: () => {
      using _ = scope();
      a.mul(b).add(a).relu().sum().backward();
    },
    scope: () => void scope().dispose(),
    noGrad: () => {
      using _ = noGrad();
    },
    "noGrad of a function": () => void noGrad(() => a),
  };
  return times(repeat, calls[op], [a, b, rows]);
}

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind === "gemm") return gemm(work, repeat);
  if (work.kind === "elementwise") return overElements(work, repeat);
  if (work.kind === "fused") return fused(work, repeat);
  if (work.kind === "cnn") return cnn(work, repeat);
  if (work.kind === "gpt") return gpt(work, repeat);
  if (work.kind === "generate") return generate(work, repeat);
  if (work.kind === "small") return small(work.op, repeat);
  return work.kind === "mlp" ? mlp(work, repeat) : small("add", repeat);
}

/** Threads start in the background when there is work for them; what is measured has them all. */
async function startThreads(): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    const { wanted, working, failure } = runtime.threads();
    if (working === wanted) return;
    if (failure !== null) absent(failure);
    using _scope = scope();
    fromArray(floats(2 ** 20), [2 ** 20]).exp();
    await setTimeout(5);
  }
  absent("its threads did not start within 10 s");
}

/** The library that multiplies; ends the process where one is wanted and there is none. */
function library(): string {
  const { library: found, refused } = runtime.blas();
  if (blas === "auto" && found === null) absent(`no BLAS: ${refused.join("; ")}`);
  return found ? `${found.name} ${found.version}` : "no BLAS";
}

if (kernels === "reference" || kernels === "simd") runtime.useKernels(kernels);
await startThreads();
await serve(`tensorgrad, ${kernels} kernels, ${threads} thread(s), ${library()}`, prepare);
