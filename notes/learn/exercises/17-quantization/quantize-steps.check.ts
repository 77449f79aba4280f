import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { dequantize, quantizeInt8 } from "tensorgrad/quantization";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

type Scheme = "symmetric" | "affine";

const made = (values: number[], scheme: Scheme) => quantizeInt8(tensor(values), { scheme });

function near(found: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) < 1e-6 * Math.abs(expected) + 1e-9,
    `${what}: ${found}, but by hand it is ${expected.toFixed(6)}`,
  );
}

/** What comes back is off by half a step at most. */
function returns(values: number[], scheme: Scheme): void {
  const whole = made(values, scheme);
  const back = dequantize(whole).data;
  for (const [i, value] of values.entries())
    assert.ok(
      Math.abs(back[i] - value) <= 0.5001 * whole.scale,
      `${scheme}, [${values}]: ${value} comes back as ${back[i].toFixed(4)}, off by more than half a step of ${whole.scale.toFixed(4)}`,
    );
}

export const checks: Checks = {
  "symmetric: 127 steps reach the largest magnitude": () => {
    const { scale, zeroPoint, q } = made([-2, 0.5, 1], "symmetric");
    near(scale, 2 / 127, "the scale of [-2, 0.5, 1]");
    assert.equal(zeroPoint, 0, "a symmetric zero point is 0");
    assert.deepEqual([...q.data], [-127, 32, 64], `[-2, 0.5, 1] becomes ${q.data}`);
  },
  "affine: 255 steps from the lowest to the highest number": () => {
    const { scale, zeroPoint } = made([-1, 0, 4.1], "affine");
    near(scale, 5.1 / 255, "the scale of [-1, 0, 4.1]");
    assert.equal(zeroPoint, -78, `[-1, 0, 4.1]: the zero point is ${zeroPoint}; −128 + 1/0.02 is −78`);
  },
  "numbers on one side of 0: 0 still has its integer": () => {
    const { scale, zeroPoint } = made([3, 5.1], "affine");
    near(scale, 5.1 / 255, "the scale of [3, 5.1], 0 included");
    assert.equal(
      zeroPoint,
      -128,
      `[3, 5.1]: the zero point is ${zeroPoint}, and 0 is the lowest number of the range`,
    );
  },
  "what comes back is off by half a step at most": () => {
    for (const scheme of ["symmetric", "affine"] as const)
      for (const values of [
        [-3, -1, 0.2],
        [0.7, 1.3, 2.9],
        [-0.62, 0, 1.93],
      ])
        returns(values, scheme);
  },
  "every part has a scale of its own": () => {
    const { scale } = quantizeInt8(
      tensor([
        [1, -127],
        [0.5, 0.25],
      ]),
      { dim: 0 },
    );
    const [first, second] = scale.data;
    near(first, 1, "the scale of the row [1, -127]");
    near(second, 0.5 / 127, "the scale of the row [0.5, 0.25]");
  },
};

export const probes: Probes = () =>
  [
    () => made([-2, 0.5, 1], "symmetric"),
    () => made([-0.62, 0, 1.93], "affine"),
    () => made([3, 5.1], "affine"),
  ].flatMap((run) =>
    attempt(() => {
      const { q, scale, zeroPoint } = run();
      return [scale, zeroPoint, ...q.data];
    }),
  );
