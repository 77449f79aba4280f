import assert from "node:assert/strict";
import { noGrad, Random, randn, type Tensor } from "tensorgrad";
import { capture } from "tensorgrad/acceleration";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const ROWS = 16;
const bytesOf = (width: number): number => 4 * ROWS * width;

/** A captured chain of matrix products: widths of what goes in and of each product. */
function chain(...widths: number[]): { readonly bytes: number; readonly off: number } {
  const random = new Random(1);
  const weights = widths.slice(1).map((width, i) => randn([widths[i], width], { random }));
  const plain = (x: Tensor) => noGrad(() => weights.reduce((y, w) => y.matmul(w), x));
  const step = capture(plain);
  const x = () => randn([ROWS, widths[0]], { random });
  for (let call = 0; call < 2; call++) step(x()); // recorded, then planned
  const last = x();
  const off = step(last).sub(plain(last)).abs().max().item();
  return { bytes: step.report().plans[0].bytes, off };
}

function takes(widths: readonly number[], ...blocks: number[]): void {
  const expected = blocks.reduce((sum, width) => sum + bytesOf(width), 0);
  const { bytes, off } = chain(...widths);
  assert.equal(
    bytes,
    expected,
    `products of widths ${widths.join(", ")} take ${bytes} bytes; input, result and two blocks in turns take ${expected}`,
  );
  assert.equal(off, 0, `products of widths ${widths.join(", ")}: the replay is off by ${off}`);
}

export const checks: Checks = {
  "a long chain needs two places beside its input and its result": () => {
    takes([16, 16, 16, 16, 16, 16], 16, 16, 16, 16);
    takes([16, 16, 16, 16, 16, 16, 16, 16, 16], 16, 16, 16, 16);
  },
  "a place is as large as the largest block that ever lies there": () =>
    takes([16, 32, 16, 32, 16, 16], 16, 16, 32, 16),
};

export const probes: Probes = () =>
  [
    [16, 16, 16],
    [16, 16, 16, 16, 16, 16],
    [16, 32, 16, 32, 16, 16],
  ].flatMap((widths) => attempt(() => [chain(...widths).bytes]));
