import assert from "node:assert/strict";
import { zeros } from "tensorgrad";
import { PositionalEncoding } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

/** What is added to `rows` rows of ones from position `offset` on. */
function added(rows: number, offset: number): number[] {
  const x = zeros([rows, 4], { dtype: "float64" }).add(1);
  return [...new PositionalEncoding(16, 4).forward(x, { offset }).sub(x).data];
}

const near = (actual: readonly number[], expected: readonly number[], what: string) =>
  assert.ok(
    actual.length === expected.length && actual.every((value, i) => Math.abs(value - expected[i]) < 1e-9),
    `${what}: ${actual.map((value) => value.toFixed(3)).join(" ")}, expected ${expected.map((value) => value.toFixed(3)).join(" ")}`,
  );

const sines = (t: number) => [Math.sin(t), Math.cos(t), Math.sin(t / 100), Math.cos(t / 100)];

export const checks: Checks = {
  "rows after two others stand at 2, 3, 4": () =>
    near(added(3, 2), [2, 3, 4].flatMap(sines), "added to three rows with offset 2"),
  "a row after five others stands at 5": () => near(added(1, 5), sines(5), "added to one row with offset 5"),
  "one at a time is the same as all at once": () =>
    near(
      [0, 1, 2].flatMap((t) => added(1, t)),
      added(3, 0),
      "three rows, each with its offset",
    ),
};

export const probes: Probes = () => [...added(3, 0), ...added(2, 7)];
