import assert from "node:assert/strict";
import { ones } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { type ProfileRow, profile } from "tensorgrad/profiling";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** The rule of a line of 5 rows, from 8 to 16 numbers. */
function backOfLine({ inputGrad = true, weightGrad = true } = {}): ProfileRow {
  const line = new Linear(8, 16);
  line.weight.requiresGrad = weightGrad;
  const x = ones([5, 8], { requiresGrad: inputGrad });
  return backOf("Affine", () => line.forward(x).sum().backward());
}

function backOfSquare(): ProfileRow {
  const x = ones([5, 8], { requiresGrad: true });
  return backOf("Square", () => x.square().sum().backward());
}

function backOf(operation: string, run: () => void): ProfileRow {
  const { rows } = profile(run);
  const row = rows.find((one) => one.phase === "backward" && one.operation === operation);
  assert.ok(row, `the profile has no row for the rule of ${operation}`);
  return row;
}

const is = (found: number, expected: number, what: string) =>
  assert.equal(found, expected, `${what}: ${found}, but by hand it is ${expected}`);

export const checks: Checks = {
  "two operands want a gradient: two products": () => {
    const { multiplyAdds, flops } = backOfLine();
    is(multiplyAdds, 1280, "multiply-adds for the gradients of x, weight and bias");
    is(flops, 2560, "flops for the gradients of x, weight and bias");
  },
  "an input without a gradient saves its product": () => {
    is(
      backOfLine({ inputGrad: false }).multiplyAdds,
      640,
      "multiply-adds for the gradients of weight and bias",
    );
    is(backOfLine({ weightGrad: false }).multiplyAdds, 640, "multiply-adds for the gradients of x and bias");
    is(backOfSquare().flops, 40, "flops of the rule of 40 squares");
  },
  "the bytes of the gradients that are wanted are written": () => {
    is(backOfLine().bytesWritten, 4 * (40 + 128 + 16), "bytes written for x, weight and bias");
    is(backOfLine({ inputGrad: false }).bytesWritten, 4 * (128 + 16), "bytes written for weight and bias");
    is(backOfLine().bytesRead, 1056, "bytes read: x, weight, bias, and the gradient of the result");
  },
};

export const probes: Probes = () =>
  [
    () => backOfLine(),
    () => backOfLine({ inputGrad: false }),
    () => backOfLine({ weightGrad: false }),
    backOfSquare,
  ].flatMap((run) =>
    attempt(() => {
      const { multiplyAdds, flops, bytesRead, bytesWritten } = run();
      return [multiplyAdds, flops, bytesRead, bytesWritten];
    }),
  );
