import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { LSTMCell } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

// In float64, which the plain loops compute.

const wide = (values: number[][], requiresGrad = false): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad });

/** A cell of one number whose gates have these sums, whatever comes in; from h = 0 and c. */
function stepped(sums: readonly [i: number, f: number, g: number, o: number], c: number) {
  const cell = new LSTMCell(1, 1, { bias: false }).to("float64");
  cell.loadStateDict({
    weight_ih: wide(sums.map((sum) => [sum])),
    weight_hh: wide([[0], [0], [0], [0]]),
  });
  const before = wide([[c]], true);
  const [h, after] = cell.step(wide([[1]]), [wide([[0]]), before]);
  return { h, after, before };
}

function values(sums: readonly [number, number, number, number], c: number): number[] {
  const { h, after } = stepped(sums, c);
  return [h.item(), after.item()];
}

/** ∂c′/∂c. */
function slope(sums: readonly [number, number, number, number], c: number): number {
  const { after, before } = stepped(sums, c);
  after.sum().backward();
  return before.grad?.item() ?? 0;
}

const L3 = Math.log(3);
const [OPEN, SHUT] = [40, -40];

function near(found: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) < 1e-9,
    `${what}: ${found.toFixed(5)}, by hand ${expected.toFixed(5)}`,
  );
}

export const checks: Checks = {
  "the cell of the note: c′ = ln 3 and h = 0.6": () => {
    const [h, c] = values([L3, -L3, L3, L3], 4 * (L3 - 0.6));
    near(c, L3, "c′ with the sums ln 3, −ln 3, ln 3, ln 3");
    near(h, 0.6, "h with the sums ln 3, −ln 3, ln 3, ln 3");
  },
  "an open forget gate and a shut input gate keep the cell": () => {
    const [h, c] = values([SHUT, OPEN, 1, OPEN], 5);
    near(c, 5, "c′ of a cell that holds 5");
    near(h, Math.tanh(5), "what an open output gate shows of 5");
  },
  "a shut output gate shows nothing": () => {
    const [h, c] = values([OPEN, SHUT, 0.5, SHUT], 5);
    near(h, 0, "h behind a shut output gate");
    near(c, Math.tanh(0.5), "c′ with the old cell forgotten and tanh 0.5 written");
  },
  "the slope of the cell is the forget gate": () =>
    near(slope([L3, -L3, L3, L3], 1), 1 / 4, "∂c′/∂c with the forget gate at 1/4"),
};

export const probes: Probes = () =>
  [
    () => values([L3, -L3, 0.5, 1], 2),
    () => values([-1, 2, -0.3, 0.1], -1.5),
    () => [slope([L3, -L3, 0.5, 1], 2)],
  ].flatMap(attempt);
