import assert from "node:assert/strict";
import { manualSeed, scope, tensor } from "tensorgrad";
import { crossEntropy, GPT } from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { trainPlainly } from "../../../examples/plain-loop.ts";
import { trainXor } from "../../../examples/xor.ts";
import type { Checks } from "../exercise.ts";

/** Trains with this seed, throws where the result falls short, and gives a picture in characters. */
type Behaviour = (seed: number) => string;

export const behaviours: Readonly<Record<string, Behaviour>> = { xor, moons, sequence };

/** One check per seed; whoever asked counts them. The picture is printed. */
export function load(id: string, seeds: readonly number[]): { check: { checks: Checks }; answers: object } {
  const one = (seed: number) => () => {
    const picture = behaviours[id](seed);
    if (seed === seeds[0]) console.log(picture);
  };
  return {
    check: { checks: Object.fromEntries(seeds.map((seed) => [`seed ${seed}`, one(seed)])) },
    answers: {},
  };
}

/** Exclusive or, which no line separates. */
function xor(seed: number): string {
  const { accuracy, losses, predict } = trainXor({ seed });
  assert.ok(accuracy === 1, `${accuracy * 4} of 4 are right, loss ${losses.at(-1)?.toFixed(3)}`);
  const rows = Array.from({ length: 11 }, (_, i) => 1.25 - i * 0.15);
  const columns = Array.from({ length: 31 }, (_, i) => -0.25 + i * 0.05);
  return rows.map((y) => columns.map((x) => shade(predict(x, y))).join("")).join("\n");
}

const shade = (p: number): string => " ·░▒▓█"[Math.min(5, Math.floor(p * 6))];

/** Two moons, with a layer, an activation, a loss and an optimizer. */
function moons(seed: number): string {
  const { accuracy, losses } = trainPlainly({ seed });
  assert.ok(accuracy >= 0.95, `${(100 * accuracy).toFixed(1)} % are right, at least 95 % should be`);
  return curve(losses);
}

/** A sequence with a rule, for attention to find: each token is three times the one before, and one. */
function sequence(seed: number): string {
  manualSeed(seed);
  const model = new GPT({ vocabSize: 8, embedDim: 16, numLayers: 1, numHeads: 2, maxSeqLen: 16 });
  const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
  const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((first) => ruled(first, 13));
  const inputs = tensor(rows.map((row) => row.slice(0, -1)));
  const targets = tensor(rows.flatMap((row) => row.slice(1)));
  const losses: number[] = [];
  for (let step = 0; step < 60; step++) {
    using _ = scope();
    optimizer.zeroGrad();
    const loss = crossEntropy(model.forward(inputs).reshape([-1, 8]), targets);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  const last = losses[losses.length - 1];
  assert.ok(
    last < 0.5,
    `the loss is ${last.toFixed(3)} nats after 60 steps; guessing costs ${Math.log(8).toFixed(2)}`,
  );
  return curve(losses);
}

function ruled(first: number, length: number): number[] {
  const row = [first];
  while (row.length < length) row.push((3 * row[row.length - 1] + 1) % 8);
  return row;
}

/** Losses as bars, the first on the left. */
function curve(losses: readonly number[]): string {
  const width = 32;
  const greatest = Math.max(...losses);
  const at = (i: number): number => losses[Math.floor((i * (losses.length - 1)) / (width - 1))];
  const bars = Array.from(
    { length: width },
    (_, i) => "▁▂▃▄▅▆▇█"[Math.min(7, Math.floor((at(i) / greatest) * 8))],
  );
  return `loss ${bars.join("")} ${losses[losses.length - 1].toFixed(3)}`;
}
