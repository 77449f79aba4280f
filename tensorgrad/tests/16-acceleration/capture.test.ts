import { manualSeed, Random, randint, randn, scope, type Tensor } from "tensorgrad";
import { capture } from "tensorgrad/acceleration";
import {
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Flatten,
  GPT,
  Linear,
  LSTM,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
} from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { threads, useKernels, useThreads } from "tensorgrad/runtime";
import { describe, expect, it } from "vitest";

/** Whole models: a captured step leaves every bit as the step does. */
const models: Record<
  string,
  () => { model: Module; loss: (x: Tensor, y: Tensor) => Tensor; batch: Batches }
> = {
  "a convolutional network": () => {
    const model = new Sequential(
      new Conv2d(3, 8, 3, { padding: 1 }),
      new BatchNorm2d(8),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(8, 12, 3, { padding: 1 }),
      new ReLU(),
      new Flatten(),
      new Linear(12 * 16, 4),
    );
    const batch = (n: number, random: Random) => ({
      x: randn([n, 3, 8, 8], { random }),
      y: randint(0, 4, [n], { random }),
    });
    return { model, loss: (x, y) => crossEntropy(model.forward(x), y), batch };
  },
  "a GPT": () => {
    const model = new GPT({
      vocabSize: 11,
      embedDim: 16,
      numLayers: 2,
      numHeads: 2,
      maxSeqLen: 8,
      dropout: 0.1,
    });
    const batch = (n: number, random: Random) => ({
      x: randint(0, 11, [n, 8], { random }),
      y: randint(0, 11, [n, 8], { random }),
    });
    return { model, loss: (x, y) => crossEntropy(model.forward(x).flatten(0, 1), y.flatten()), batch };
  },
  "an LSTM": () => {
    const [rnn, head] = [new LSTM(5, 7), new Linear(7, 3)];
    const model = new Sequential(head);
    Object.assign(model, { rnn });
    const batch = (n: number, random: Random) => ({
      x: randn([6, n, 5], { random }),
      y: randint(0, 3, [n], { random }),
    });
    return { model, loss: (x, y) => crossEntropy(head.forward(rnn.run(x).output.select(0, -1)), y), batch };
  },
};
type Batches = (n: number, random: Random) => { x: Tensor; y: Tensor };

describe.each(Object.keys(models))("capture of %s", (name) => {
  it.each([
    ["simd", 1],
    ["simd", 2],
    ["reference", 1],
  ] as const)("with kernels %s on %i threads", (kernels, threads) => {
    useKernels(kernels);
    useThreads(threads);
    try {
      expect(trained(name, true)).toEqual(trained(name, false));
    } finally {
      useKernels("simd");
      useThreads(1);
    }
  });
});

function trained(name: string, captured: boolean): unknown {
  manualSeed(1);
  const { model, loss, batch } = models[name]();
  const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
  const plain = (x: Tensor, y: Tensor) => {
    const l = loss(x, y);
    optimizer.zeroGrad();
    l.backward();
    optimizer.step();
    return l;
  };
  const step = captured ? capture(plain) : plain;
  const random = new Random(3);
  const losses = [4, 4, 4, 4, 4, 2, 2, 4, 2, 4].map((n) => {
    using _ = scope();
    const { x, y } = batch(n, random);
    return step(x, y).item();
  });
  return {
    losses,
    state: Object.entries(model.stateDict()).map(([path, t]) => [path, [...t.contiguous().data]]),
  };
}

it("chains of element-wise kernels give the bits of one thread on two", async () => {
  const random = new Random(5);
  const [x, b] = [randn([401, 257], { random }), randn([257], { random })];
  const step = () => {
    const h = x.add(b).mul(x).relu();
    return [h.sub(b).tanh().mul(0.5), h.exp().add(x).square()];
  };
  const numbers = (y: Tensor[]) => y.map(({ data }) => Buffer.from(data.slice().buffer).toString("latin1"));
  useThreads(1);
  const alone = numbers(step());
  useThreads(2);
  try {
    for (let tries = 0; threads().working < 2 && tries < 100; tries++) {
      step();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(threads().working).toBe(2);
    const captured = capture(step);
    for (let i = 0; i < 6; i++) expect(numbers(captured()).join() === alone.join()).toBe(true);
    expect(captured.report()).toMatchObject({ replays: 4, plans: [{ kernels: 9, passes: 1 }] });
  } finally {
    useThreads(1);
  }
});
