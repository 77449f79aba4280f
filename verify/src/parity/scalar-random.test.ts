import fc from "fast-check";
import { trace } from "micrograd";
import { describe, expect, it } from "vitest";
import { faults } from "../table/00-micrograd.ts";
import { rules } from "./scalar-export.ts";
import { randomScalarParity, runScalars, scalarPrograms } from "./scalar-random.ts";

describe("random programs of scalars", () => {
  it("agree with ONNX Runtime, values and gradients", async () => {
    const { failure, points, kinks, gradients, relative } = await randomScalarParity({ runs: 150 });
    expect([failure, points + kinks]).toEqual([null, 150]);
    expect(points).toBeGreaterThan(130);
    expect(gradients).toBeGreaterThan(2000);
    expect(relative).toBeLessThan(1e-13);
  });

  it("use all of micrograd's operations, and meet relu at 0", () => {
    const seen = new Set<string>();
    for (const program of fc.sample(scalarPrograms, { seed: 1, numRuns: 150 })) {
      for (const { node } of trace(runScalars(program).root)) {
        seen.add(node.op.replace(/^\^.+/, "^ a number"));
        if (node.op === "relu" && node.prev[0].data === 0) seen.add("relu at 0");
      }
    }
    expect([...seen].sort()).toEqual(["", ...Object.keys(rules), "^ a number", "relu at 0"].sort());
  });

  it("shrink to the smallest that differs", async () => {
    const mutant = faults.find(({ name }) => name === "micrograd relu: slope 1 at 0");
    const remove = mutant?.plant();
    try {
      const { passed, failure } = await randomScalarParity({ runs: 100 });
      expect(passed).toBe(false);
      expect(failure).toMatchInlineSnapshot(
        `"r0 = 0; r1 = relu(r0); r2 = add(r0, r0): gradient of node 0 (r0): micrograd 4, ONNX Runtime 3 (allowed 1e-12 of the largest); replay with seed 1, path "57:1:1:2:0:1:5:6:6:6:5:5:5:5:5""`,
      );
    } finally {
      remove?.();
    }
  });
});
