import { kernelCases } from "tensorgrad/agreement";
import { describe, expect, it } from "vitest";
import { FULL, run } from "../section.ts";
import { checkKernel, kernels } from "./kernels.ts";

describe("kernels", () => {
  it("runs the rows that the filter names", async () => {
    const names = (await run(kernels, { ...FULL, seed: 1, filter: "add" })).map(({ name }) => name);
    expect(names).toContain("add");
    expect(names.every((name) => name.toLowerCase().includes("add"))).toBe(true);
  });

  it("compares many numbers per kernel and states what is allowed and why", async () => {
    const [result] = await run(kernels, { ...FULL, seed: 1, filter: "relugrad" });
    expect(result).toMatchObject({ name: "reluGrad", passed: true, worst: 0, allowed: 0, complaint: null });
    expect(result.elements).toBeGreaterThan(1000);
    expect(result.reason.length).toBeGreaterThan(0);
  });

  it("is a miss when the difference is above what is allowed, with the worst element", () => {
    const exp = row("exp");
    const strict = checkKernel({ ...exp, ulps: 0 }, 1);
    expect(strict.passed).toBe(false);
    expect(strict.complaint).toMatch(/^0\.\d+ ULP \(allowed 0: .*\); exp\(\[\d+\].*instead of/);
  });

  it("is a miss when nothing was compared, and when the kernel does not exist", () => {
    expect(checkKernel({ ...row("exp"), calls: () => [] }, 1).complaint).toBe("nothing was compared");
    expect(checkKernel({ ...row("exp"), name: "missing" }, 1).passed).toBe(false);
  });
});

const row = (wanted: string) => {
  const found = kernelCases().find(({ name }) => name === wanted);
  if (!found) throw new Error(`no kernel ${wanted}`);
  return found;
};
