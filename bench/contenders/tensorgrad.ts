/** This library, in the configuration of its arguments: kernels, threads, BLAS. */
import { setTimeout } from "node:timers/promises";
import { fromArray, noGrad, randn, scope, type Tensor, tensor } from "tensorgrad";
import {
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Flatten,
  gelu,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  softmax,
} from "tensorgrad/nn";
import { Adam, SGD } from "tensorgrad/optim";
import * as runtime from "tensorgrad/runtime";
import type { Elementwise, Fused, Work } from "../cases.ts";
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
  gelu: (a) => void gelu(a),
  geluTanh: (a) => void gelu(a, { approximate: "tanh" }),
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
    softmax: () => softmax(x, -1).backward(g),
    gelu: () => gelu(x).backward(g),
    crossEntropy: () => crossEntropy(x, targets).backward(),
  };
  const step = () => {
    calls[op]();
    x.zeroGrad();
  };
  return times(repeat, step, [x, targets, g]);
}

function mlp({ widths, batch, optimizer }: Of<"mlp">, repeat: number): Workload {
  const layers = widths.slice(1).map((outputs, i) => new Linear(widths[i], outputs));
  const model = new Sequential(...layers.flatMap((layer, i) => (i === 0 ? [layer] : [new ReLU(), layer])));
  const x = fromArray(floats(batch * widths[0]), [batch, widths[0]]);
  const y = fromArray(classes(batch), [batch]);
  const update =
    optimizer === "sgd"
      ? new SGD(model.parameters(), { lr: 0.01 })
      : new Adam(model.parameters(), { lr: 1e-3 });
  const step = () => {
    using _step = scope();
    update.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    update.step();
  };
  return times(repeat, step, [x, y]);
}

function cnn({ widths, batchNorm, batch, pass }: Of<"cnn">, repeat: number): Workload {
  const block = (from: number, to: number): Layer[] => [
    new Conv2d(from, to, 3, { padding: 1, bias: !batchNorm }),
    new MaxPool2d(2),
    ...(batchNorm ? [new BatchNorm2d(to)] : []),
    new ReLU(),
  ];
  const blocks = widths.flatMap((width, i) => block(i === 0 ? 3 : widths[i - 1], width));
  const model = new Sequential(...blocks, new Flatten(), new Linear(widths[2] * 16, 10));
  const x = fromArray(floats(batch * 3072), [batch, 3, 32, 32]);
  const y = fromArray(classes(batch), [batch]);
  const update = new SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 });
  const step = () => {
    using _step = scope();
    update.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    update.step();
  };
  const look = () => {
    using _look = scope();
    noGrad(() => model.forward(x));
  };
  if (pass === "infer") model.eval();
  return times(repeat, pass === "step" ? step : look, [x, y]);
}

function tiny(repeat: number): Workload {
  const [a, b] = [tensor([1, 2, 3, 4], { requiresGrad: true }), tensor([5, 6, 7, 8], { requiresGrad: true })];
  return times(repeat, () => void a.add(b), [a, b]);
}

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind === "gemm") return gemm(work, repeat);
  if (work.kind === "elementwise") return overElements(work, repeat);
  if (work.kind === "fused") return fused(work, repeat);
  if (work.kind === "cnn") return cnn(work, repeat);
  return work.kind === "mlp" ? mlp(work, repeat) : tiny(repeat);
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
