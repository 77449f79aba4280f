import fc from "fast-check";
import { scope } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { cases } from "../table/cases.ts";
import { agreement } from "./agreement.ts";
import { runOnnx } from "./onnx-runtime.ts";
import { exported } from "./operation.ts";

const REFUSED = /^exportOnnx: opset \d+ for node .+ — \w+ (exists|takes .+) since opset \d+$/;

describe("exports in opsets 13 to 17", () => {
  const rows = cases.filter(({ onnx }) => !("none" in onnx));

  it.each([13, 14, 15, 16, 17])(
    "give in opset %i what they give in 21, or are refused by name",
    async (opset) => {
      let [compared, refused] = [0, 0];
      for (const row of rows) {
        for (const { inputs, run } of fc.sample(row.examples, { numRuns: 1, seed: opset })) {
          if (inputs.some(({ size }) => size === 0)) continue;
          using _ = scope();
          const now = exported(inputs, run, 21);
          const old = attempt(() => exported(inputs, run, opset));
          if (old instanceof Error) {
            expect(old.message, row.name).toMatch(REFUSED);
            refused++;
            continue;
          }
          const [a, b] = [await runOnnx(now.bytes, now.values), await runOnnx(old.bytes, old.values)];
          // Two sessions may round a convolution differently: by how its numbers happen to lie in memory.
          for (const [name, y] of Object.entries(a)) {
            expect([b[name].dtype, b[name].shape], row.name).toEqual([y.dtype, y.shape]);
            const largest = Math.max(
              1,
              ...Array.from(y.data, (n) => Math.abs(Number(n))).filter(Number.isFinite),
            );
            expect(agreement(b[name], y).maxAbs, row.name).toBeLessThanOrEqual(2 ** -22 * largest);
          }
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(refused);
    },
  );
});

function attempt<T>(step: () => T): T | Error {
  try {
    return step();
  } catch (error) {
    return error as Error;
  }
}
