import { heap, manualSeed, noGrad, randint, randn, scope, type Tensor } from "tensorgrad";
import { type CapturedStep, capture, naiveMatmul, vectorizedMatmul } from "tensorgrad/acceleration";
import { interleavedSync } from "tensorgrad/benchmarking";
import { conv2d, crossEntropy, GPT, Linear, LSTM, ReLU, RNNCell, Sequential, unfold } from "tensorgrad/nn";
import { Adam, AdamW, clipGradNorm, SGD } from "tensorgrad/optim";
import { median, useBlas, useThreads } from "tensorgrad/runtime";
import { report } from "../lib/measure.ts";

/**
 * Note 16: a step as it is and captured, in turns; what each allocates; whether all their bits are equal. Processor time of one thread,
 * BLAS where there is one.
 */
useThreads(1);

type Step = (x: Tensor, y: Tensor) => Tensor | Tensor[];

interface Program {
  /** Calls of the step in one timing: short steps need several. */
  readonly repeat: number;
  /** The step with its model, made anew; and a batch. */
  readonly make: () => { step: Step; x: Tensor; y: Tensor };
}

const learned = (
  parameters: Tensor[],
  optimizer: { step(): void; zeroGrad(): void },
  loss: (x: Tensor, y: Tensor) => Tensor,
  maxNorm = Infinity,
): Step => {
  return (x, y) => {
    const l = loss(x, y);
    optimizer.zeroGrad();
    l.backward();
    if (maxNorm < Infinity) clipGradNorm(parameters, maxNorm);
    optimizer.step();
    return l;
  };
};

function mlp(sizes: readonly number[], batch: number) {
  const layers = sizes.slice(1).flatMap((size, i) => [new Linear(sizes[i], size), new ReLU()]);
  const model = new Sequential(...layers.slice(0, -1));
  const parameters = model.parameters();
  const step = learned(parameters, new Adam(parameters), (x, y) => crossEntropy(model.forward(x), y));
  return { model, step, x: randn([batch, sizes[0]]), y: randint(0, 10, [batch]) };
}

function inference() {
  const { model, x, y } = mlp([32, 32, 32, 10], 1);
  model.eval();
  return { step: (x: Tensor) => noGrad(() => model.forward(x)), x, y };
}

function lstm() {
  const [rnn, head] = [new LSTM(32, 32), new Linear(32, 10)];
  const parameters = [...rnn.parameters(), ...head.parameters()];
  const loss = (x: Tensor, y: Tensor) => crossEntropy(head.forward(rnn.forward(x).select(0, -1)), y);
  const step = learned(parameters, new Adam(parameters), loss, 1);
  return { step, x: randn([20, 16, 32]), y: randint(0, 10, [16]) };
}

/** Written with the cell, a time step after the other, as a course would. */
function cells() {
  const [cell, head] = [new RNNCell(32, 32), new Linear(32, 10)];
  const parameters = [...cell.parameters(), ...head.parameters()];
  const loss = (x: Tensor, y: Tensor) => {
    let h = x.select(0, 0).mul(0);
    for (let t = 0; t < x.shape[0]; t++) h = cell.forward(x.select(0, t), h);
    return crossEntropy(head.forward(h), y);
  };
  return {
    step: learned(parameters, new SGD(parameters, { lr: 0.1 }), loss),
    x: randn([20, 16, 32]),
    y: randint(0, 10, [16]),
  };
}

function gpt() {
  const model = new GPT({
    vocabSize: 65,
    embedDim: 128,
    numLayers: 4,
    numHeads: 4,
    maxSeqLen: 64,
    activation: "geluTanh",
  });
  const parameters = model.parameters();
  const loss = (x: Tensor, y: Tensor) => crossEntropy(model.forward(x).flatten(0, 1), y.flatten());
  const step = learned(parameters, new AdamW(parameters, { lr: 3e-4 }), loss, 1);
  return { step, x: randint(0, 65, [12, 64]), y: randint(0, 65, [12, 64]) };
}

/** Two million elements through six kernels: bound by memory. */
function chain() {
  const step: Step = (x) => x.mul(0.5).add(1).relu().mul(x).sub(0.25).abs();
  return { step, x: randn([2_000_000]), y: randint(0, 2, [1]) };
}

const programs: Readonly<Record<string, Program>> = {
  "MLP 32-32-32-10, batch 32": { repeat: 40, make: () => mlp([32, 32, 32, 10], 32) },
  "the same, one answer": { repeat: 200, make: inference },
  "LSTM 32, 20 steps, batch 16": { repeat: 8, make: lstm },
  "RNN cell 32, 20 steps, batch 16": { repeat: 8, make: cells },
  "MLP 784-128-10, batch 64": { repeat: 10, make: () => mlp([784, 128, 10], 64) },
  "GPT 4 × 128, context 64, batch 12": { repeat: 1, make: gpt },
  "six element-wise kernels, 8 MB": { repeat: 1, make: chain },
};

const ROUNDS = 25;

function measured(name: string, { repeat, make }: Program) {
  const [eager, captured, unfused] = [null, {}, { fuse: false }].map((options) => {
    manualSeed(1);
    const { step, x, y } = make();
    const call: Step = options ? capture(step, options) : step;
    return { call, x, y, prints: [] as string[] };
  });
  const once = ({ call, x, y, prints }: typeof eager, print = false) => {
    using _ = scope();
    const results = [call(x, y)].flat();
    if (print)
      prints.push(
        results.map((t) => Buffer.from(t.contiguous().data.slice().buffer).toString("base64")).join(),
      );
  };
  for (let i = 0; i < 6; i++) for (const one of [eager, captured, unfused]) once(one, true);
  const timed = (one: typeof eager) => () => {
    for (let i = 0; i < repeat; i++) once(one);
  };
  const times = interleavedSync(
    { eager: timed(eager), captured: timed(captured), unfused: timed(unfused) },
    { rounds: ROUNDS, warmUp: 3, now: cpuTime },
  );
  const ms = Object.fromEntries(Object.entries(times).map(([way, list]) => [way, median(list) / repeat]));
  const [plan] = (captured.call as Step & Pick<CapturedStep<[], void>, "report">).report().plans;
  return {
    name,
    ms,
    // Of rounds, not of medians: a slow spell hits both ways of one round.
    speedup: median(times.eager.map((t, i) => t / times.captured[i])),
    fused: median(times.unfused.map((t, i) => t / times.captured[i])),
    plan,
    allocations: { eager: allocations(() => once(eager)), captured: allocations(() => once(captured)) },
    equalBits:
      eager.prints.join() === captured.prints.join() && eager.prints.join() === unfused.prints.join(),
  };
}

/** Milliseconds that this process computes: other work on the machine does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Blocks that a call takes from the tensor heap. */
function allocations(run: () => void): number {
  const { allocate } = heap;
  let count = 0;
  heap.allocate = (...args) => {
    count++;
    return allocate.apply(heap, args);
  };
  try {
    run();
  } finally {
    heap.allocate = allocate;
  }
  return count;
}

/** One product and one convolution, each in two ways: milliseconds, and the largest difference of their results. */
function sideBySide() {
  useBlas("off");
  const [a, b] = [randn([256, 256]), randn([256, 256])];
  const [x, w] = [randn([8, 16, 32, 32]), randn([32, 16, 3, 3])];
  const lowered = () => {
    const columns = unfold(x, 3, { padding: 1 }); // [8, 16·3·3, 32·32]
    return w.reshape(32, 144).matmul(columns).reshape(8, 32, 32, 32);
  };
  return {
    product: two(
      () => naiveMatmul(a, b),
      () => vectorizedMatmul(a, b),
    ),
    convolution: two(lowered, () => conv2d(x, w, null, { padding: 1 })),
  };
}

function two(plain: () => Tensor, better: () => Tensor) {
  const gap = plain().sub(better()).abs().max().item();
  const inScope = (run: () => Tensor) => () => {
    using _ = scope();
    run();
  };
  const times = interleavedSync(
    { plain: inScope(plain), better: inScope(better) },
    { rounds: 9, warmUp: 2, now: cpuTime },
  );
  return { plainMs: median(times.plain), betterMs: median(times.better), gap };
}

const wanted = process.argv.slice(2);
const chosen = Object.entries(programs).filter(
  ([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);
report({
  rounds: ROUNDS,
  threads: 1,
  programs: chosen.map(([name, program]) => measured(name, program)),
  ...(wanted.length === 0 && sideBySide()),
});
