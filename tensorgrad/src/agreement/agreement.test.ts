import { describe, expect, it } from "vitest";
import { kernelModule } from "../00-runtime/wasm.ts";
import { Arena, type Implementation, runKernelCase } from "./agreement.ts";
import { numbersIn } from "./calls.ts";
import { kernelCases, REFERENCES, WITHOUT_SIMD } from "./cases.ts";

const SEED = 20_260_101;

/** A runtime without relaxed SIMD is skipped by name, not in silence. */
const available = (implementation: Implementation): boolean =>
  implementation === "reference" || kernelModule(implementation) !== null;

describe.each(["reference", "baseline", "relaxed"] as const)(
  "%s kernels agree with float64",
  (implementation) => {
    for (const row of kernelCases()) {
      it.runIf(available(implementation))(`${row.name}: within ${row.ulps} ULP (${row.reason})`, () => {
        const report = runKernelCase(row, uniform(SEED), implementation);
        expect(report.maxUlp, report.worst).toBeLessThanOrEqual(row.ulps);
        expect(report.elements).toBeGreaterThan(0);
      });
    }
  },
);

describe("the table of kernels", () => {
  it("has a row and a WebAssembly twin for every reference kernel, or a reason", () => {
    const arena = new Arena();
    const rows = new Set(kernelCases().map((row) => row.name));
    const inWasm = Object.keys(REFERENCES).filter((name) => !(name in WITHOUT_SIMD));
    expect(inWasm.length).toBeGreaterThan(80);
    for (const name of inWasm) {
      expect(rows, `${name} has no row in the *.agreement.ts beside it`).toContain(name);
      expect(arena.has(name), `${name} has no WebAssembly twin`).toBe(true);
    }
  });

  it("has no row, and no reason, for a kernel that does not exist", () => {
    const names = [...kernelCases().map(({ name }) => name), ...Object.keys(WITHOUT_SIMD)];
    expect(names.filter((name) => !(name in REFERENCES))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.each(["baseline", "relaxed"] as const)(
  "%s: results do not depend on how outputs are split",
  (level) => {
    if (!available(level)) return;
    const random = uniform(7);
    const arena = new Arena(level);
    const [rows, cols] = [48, 70];
    const a = numbersIn(random, rows * cols);
    const b = numbersIn(random, rows * cols);

    it("rows of a matrix product", () => {
      const product = (from: number, to: number) =>
        arena.run(
          "gemm",
          [
            a.slice(from * cols),
            b,
            new Float32Array((to - from) * 48),
            to - from,
            48,
            cols,
            cols,
            1,
            48,
            1,
            48,
            1,
            0,
          ],
          0,
        )[2];
      expect([...product(0, 13), ...product(13, rows)]).toEqual([...product(0, rows)]);
    });

    it("columns of a matrix product", () => {
      const product = (from: number, to: number) =>
        arena.run(
          "gemm",
          [a, b.slice(from), new Float32Array(rows * 48), rows, to - from, cols, cols, 1, 48, 1, 48, 1, 0],
          0,
        )[2];
      const [left, right, whole] = [product(0, 21), product(21, 48), product(0, 48)];
      for (let i = 0; i < rows; i++) {
        expect([...left.slice(i * 48, i * 48 + 21)]).toEqual([...whole.slice(i * 48, i * 48 + 21)]);
        expect([...right.slice(i * 48, i * 48 + 27)]).toEqual([...whole.slice(i * 48 + 21, i * 48 + 48)]);
      }
    });

    it("elements of a function, outputs of a sum over rows", () => {
      const exp = (from: number, to: number) =>
        arena.run("exp", [a.slice(from, to), new Float32Array(to - from), 1, to - from, to - from, 1], 1)[1];
      expect([...exp(0, 101), ...exp(101, 1000)]).toEqual([...exp(0, 1000)]);
      const sum = (from: number, to: number) =>
        arena.run("sum", [a.slice(from), new Float32Array(to - from), to - from, rows, 1, cols], 0)[1];
      expect([...sum(0, 19), ...sum(19, cols)]).toEqual([...sum(0, cols)]);
    });
  },
);

/** A small seeded generator (mulberry32). */
function uniform(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
