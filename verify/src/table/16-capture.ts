import { manualSeed, randn, type Tensor } from "tensorgrad";
import { CaptureGuards, capture } from "tensorgrad/acceleration";
import { Linear, Sequential, Tanh } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { inMethod } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { definition } from "./builders.ts";
import type { Definition } from "./case.ts";

const CALLS = 12;

/** Two networks that are the same: one learns by the step, the other by the captured step, from batches of changing sizes. */
const captured: Reference = (random) => {
  const seed = random.integer(1000);
  const [plain, other] = [network(seed), network(seed)];
  const step = capture(other.step);
  const sizes = [2 + random.integer(4), 2 + random.integer(4)];
  sizes[1] += sizes[0]; // another one
  for (let i = 0; i < CALLS; i++) {
    // The first size often enough to be replayed, then both in turns.
    const x = randn([sizes[i < 4 ? 0 : i % 2], 3], { random });
    const [a, b] = [plain.step(x), attempt(() => step(x))];
    const same = [a, ...plain.parameters].map(text).join() === [b, ...other.parameters].map(text).join();
    if (!same)
      return `call ${i}, of ${x.shape[0]} rows, gives ${text(b)}, the step ${text(a)}; or parameters differ after it`;
  }
  return step.report().replays > 0 ? null : "nothing was replayed";
};

function network(seed: number) {
  manualSeed(seed);
  const model = new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 1));
  const parameters: Tensor[] = model.parameters();
  const optimizer = new Adam(parameters, { lr: 0.01 });
  const step = (x: Tensor) => {
    const loss = model.forward(x).square().mean();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { parameters, step };
}

/** Null where it throws. */
function attempt(run: () => Tensor): Tensor | null {
  try {
    return run();
  } catch {
    return null;
  }
}

const text = (x: Tensor | null): string => (x === null ? "an error" : Array.from(x.data).join());

export const title = "Captured steps";

export const rows: readonly Definition[] = [
  definition("captured step", captured, [
    inMethod("replays stale shapes", CaptureGuards.prototype, "fit", () => () => true, "reference"),
  ]),
];
