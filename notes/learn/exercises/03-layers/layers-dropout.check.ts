import assert from "node:assert/strict";
import { manualSeed, ones, Random } from "tensorgrad";
import { Dropout } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { alike, tried } from "../compare.ts";

const layer = (): Dropout => new Dropout(0.5, { random: new Random(7) });

const drawn = (): number[] => Array.from(layer().forward(ones([64])).data);

/** How often each number occurs. */
const counts = (list: readonly number[], ...wanted: number[]): number[] =>
  wanted.map((number) => list.filter((x) => x === number).length);

const evaluated = (): number[] =>
  Array.from(
    layer()
      .eval()
      .forward(ones([64])).data,
  );

export const checks: Checks = {
  "evaluation changes nothing": () =>
    alike("64 ones in evaluation: how many are 1", counts(evaluated(), 1), [64]),
  "elements are 0 or doubled": () => {
    const [zeros, doubled] = counts(drawn(), 0, 2);
    assert.equal(
      zeros + doubled,
      64,
      `64 ones, p = 0.5: ${zeros} are 0, ${doubled} are 2, expected 64 in sum`,
    );
    assert.ok(zeros > 10 && doubled > 10, `64 ones, p = 0.5: ${zeros} are 0, expected about half`);
  },
  "the same seed gives the same mask": () => {
    manualSeed(1);
    const first = drawn();
    alike("two layers with the seed 7, the ones that are kept", drawn(), first);
  },
};

export const probes: Probes = () => {
  manualSeed(1);
  return [
    ...tried(() => counts(evaluated(), 0, 1, 2)),
    ...tried(() => counts(drawn(), 0, 1, 2)),
    ...tried(() => {
      const [first, second] = [drawn(), drawn()].map(String);
      return first === second ? 1 : 0;
    }),
  ];
};
