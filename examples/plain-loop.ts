import { manualSeed, noGrad, scope } from "tensorgrad";
import { moons } from "tensorgrad/data";
import { crossEntropy, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";

/**
 * Training without a Trainer and without a loader: five lines, as often as there are steps.
 *
 *   npx tsx examples/plain-loop.ts     two moons, all right after 200 steps, about 1 s
 */
export function trainPlainly({ seed = 1, steps = 200 }: { seed?: number; steps?: number } = {}) {
  manualSeed(seed);
  const { x, y } = moons({ count: 200, noise: 0.1 });
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 2));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    using _ = scope(); // frees what this step makes
    optimizer.zeroGrad();
    const output = model.forward(x); // [200, 2] scores
    const loss = crossEntropy(output, y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  using _ = scope();
  using __ = noGrad();
  const accuracy = model.forward(x).argmax(1).eq(y).asFloat().mean().item();
  return { losses, accuracy };
}

function main(): void {
  const { seed, json, quick } = exampleOptions(
    "plain-loop",
    "Two moons, in the five lines of every training",
  );
  const { losses, accuracy } = trainPlainly({ seed, steps: quick ? 100 : 200 });
  const [first, last] = [losses[0], losses[losses.length - 1]];
  console.log(`loss ${first.toFixed(3)} → ${last.toFixed(3)} nats, ${(100 * accuracy).toFixed(1)} % right`);
  finish({
    json,
    result: { steps: losses.length, loss: last, accuracy },
    misses: [...atLeast("accuracy", accuracy, 0.95), ...atMost("loss", last, 0.15)],
  });
}

if (isMain(import.meta.url)) main();
