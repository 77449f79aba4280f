import { describe, expect, it } from "vitest";
import { quickCases } from "./cases.ts";
import { table } from "./table.ts";

const find = (name: string) => quickCases.find((one) => one.name === name) ?? quickCases[0];

describe("table", () => {
  it("converts seconds to the unit of each case and leaves out who has nothing", () => {
    const results = [
      { case: find("gemm 512 NN"), seconds: { naive: 0.25, simd1: 0.0055, torch1: null } },
      { case: find("copy 16 M"), seconds: { naive: 0.01, simd1: null, torch1: null } },
      { case: find("add 4 recorded"), seconds: { naive: null, simd1: 1.5e-6, torch1: null } },
    ];
    expect(table(results)).toMatchInlineSnapshot(`
      "case            unit     naive  simd1
      ──────────────  ───────  ─────  ─────
      gemm 512 NN     GFLOP/s   1.07   48.8
      copy 16 M       GB/s      13.4      –
      add 4 recorded  µs           –    1.5"
    `);
  });
});
