import { heap, manualSeed, randn, type Tensor, tensor } from "tensorgrad";
import { Parameter } from "tensorgrad/nn";
import { Adagrad, Adam, AdamW, Muon, RMSprop, SGD } from "tensorgrad/optim";
import { useThreads } from "tensorgrad/runtime";
import { compared, exponent, report } from "../lib/measure.ts";
import { walk } from "../lib/valley.ts";

/** Note 06: how many steps a narrow valley takes, what each optimizer remembers, and what a step costs. */
useThreads(1);
const makers = {
  sgd: (p: Tensor[]) => new SGD(p, { lr: 1e-3 }),
  momentum: (p: Tensor[]) => new SGD(p, { lr: 1e-3, momentum: 0.9 }),
  rmsprop: (p: Tensor[]) => new RMSprop(p, { lr: 1e-3 }),
  adagrad: (p: Tensor[]) => new Adagrad(p, { lr: 1e-3 }),
  adamW: (p: Tensor[]) => new AdamW(p, { lr: 1e-3 }),
  muon: (p: Tensor[]) => new Muon(p, { lr: 1e-3 }),
} as const;

/** Steps until f < 1e-6 over how many times steeper the valley is across than along; each with its best constants. */
function steps() {
  const start = [1, 1];
  return [10, 30, 100, 300, 1000].map((steepness) => {
    const options = { steepness, start, steps: 50_000, goal: 1e-6 };
    const root = Math.sqrt(steepness);
    const best = ((root - 1) / (root + 1)) ** 2; // Polyak's constants for a quadratic
    const plain = walk((p) => new SGD(p, { lr: 2 / (steepness + 1) }), options);
    const momentum = walk((p) => new SGD(p, { lr: 4 / (root + 1) ** 2, momentum: best }), options);
    const adam = walk((p) => new Adam(p, { lr: 0.05 }), options);
    return { steepness, plain: plain.length - 1, momentum: momentum.length - 1, adam: adam.length - 1 };
  });
}

/** Bytes per parameter that an optimizer keeps, and nanoseconds per parameter of a step over a million. */
function costs() {
  manualSeed(1);
  const entries = Object.entries(makers).map(([name, make]) => {
    const p = new Parameter(randn([1024, 1024]));
    const before = heap.live;
    const optimizer = make([p]);
    const bytes = (heap.live - before) / p.size;
    p.grad = randn(p.shape);
    return { name, bytes, run: () => optimizer.step() };
  });
  const ms = compared(Object.fromEntries(entries.map(({ name, run }) => [name, run])), { rounds: 9 });
  return Object.fromEntries(
    entries.map(({ name, bytes }) => [
      name,
      { bytesPerParameter: bytes, nsPerParameter: (ms[name] * 1e6) / 2 ** 20 },
    ]),
  );
}

/** A weight whose gradient is noise of deviation 1 or 100, decayed by 1 % per step: what is left of 1 after 300 steps. */
function decay() {
  const left = (make: (p: Tensor[]) => Adam, noise: number): number => {
    manualSeed(7);
    const p = new Parameter(tensor(new Float32Array(1000).fill(1)));
    const optimizer = make([p]);
    for (let step = 0; step < 300; step++) {
      p.grad = randn([1000]).mul(noise);
      optimizer.step();
    }
    return p.mean().item();
  };
  const l2 = (p: Tensor[]) => new Adam(p, { lr: 0.01, weightDecay: 1 });
  const decoupled = (p: Tensor[]) => new AdamW(p, { lr: 0.01, weightDecay: 1 });
  return {
    l2: { small: left(l2, 1), large: left(l2, 100) },
    decoupled: { small: left(decoupled, 1), large: left(decoupled, 100) },
    predicted: 0.99 ** 300,
  };
}

const taken = steps();
report({
  steps: taken,
  plainExponent: exponent(taken.map(({ steepness, plain }) => [steepness, plain])),
  momentumExponent: exponent(taken.map(({ steepness, momentum }) => [steepness, momentum])),
  costs: costs(),
  decay: decay(),
});
