import assert from "node:assert/strict";
import { ones, type Tensor } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { type Cost, profile } from "tensorgrad/profiling";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const x = (dtype: "float32" | "float64" = "float32"): Tensor => ones([5, 8], { dtype });

/** The costs of all operations in a forward pass, together. */
function costOf(run: () => unknown): Cost {
  const { rows } = profile(run);
  const sum = (of: (row: Cost) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    multiplyAdds: sum((row) => row.multiplyAdds),
    flops: sum((row) => row.flops),
    bytesRead: sum((row) => row.bytesRead),
    bytesWritten: sum((row) => row.bytesWritten),
  };
}

const RUNS = {
  line: () => {
    const [line, input] = [new Linear(8, 16), x()];
    return costOf(() => line.forward(input));
  },
  square: (dtype?: "float64") => {
    const input = x(dtype);
    return costOf(() => input.square());
  },
  sum: () => {
    const input = x();
    return costOf(() => input.sum());
  },
  clone: () => {
    const input = x();
    return costOf(() => input.clone());
  },
  view: () => {
    const input = x();
    return costOf(() => input.reshape(8, 5).transpose(0, 1).narrow(0, 1, 2));
  },
};

const is = (found: number, expected: number, what: string) =>
  assert.equal(found, expected, `${what}: ${found}, but by hand it is ${expected}`);

export const checks: Checks = {
  "a line of the note: 640 multiply-adds, 1,280 flops": () => {
    const { multiplyAdds, flops, bytesRead, bytesWritten } = RUNS.line();
    is(multiplyAdds, 640, "multiply-adds of 5 rows from 8 to 16 numbers");
    is(flops, 1280, "flops of 5 rows from 8 to 16 numbers");
    is(bytesRead + bytesWritten, 1056, "bytes of 5 rows from 8 to 16 numbers");
  },
  "an operation on elements: one flop for each, whatever their type": () => {
    is(RUNS.square().flops, 40, "flops of 40 squares");
    is(RUNS.square("float64").bytesRead, 320, "bytes read for 40 squares in float64");
    is(RUNS.sum().flops, 40, "flops of a sum of 40 numbers");
  },
  "a view costs nothing": () => {
    const { flops, bytesRead, bytesWritten } = RUNS.view();
    is(flops, 0, "flops of three views");
    is(bytesRead + bytesWritten, 0, "bytes of three views");
    is(RUNS.square().bytesWritten, 160, "bytes written by 40 squares");
  },
  "a copy has bytes and no flops": () => {
    const { flops, bytesRead, bytesWritten } = RUNS.clone();
    is(flops, 0, "flops of a copy");
    is(bytesRead + bytesWritten, 320, "bytes of a copy of 40 numbers");
  },
};

export const probes: Probes = () =>
  [RUNS.line, RUNS.square, RUNS.sum, RUNS.clone, RUNS.view].flatMap((run) =>
    attempt(() => Object.values(run())),
  );
