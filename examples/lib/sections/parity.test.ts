import { type ParityReport, parity } from "gradverify";
import { manualSeed, randn } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { beforeAll, describe, expect, it } from "vitest";
import { parityRow, paritySection } from "./parity.ts";

let report: ParityReport;
beforeAll(async () => {
  manualSeed(1);
  report = await parity(new Sequential(new Linear(8, 4), new ReLU(), new Linear(4, 3)), randn([20, 8]));
});

describe("paritySection", () => {
  it("has a line for each batch size, for all rows and for each operation", () => {
    const names = paritySection(report, "mlp.onnx").table?.rows.map(([name]) => name);
    expect(names).toMatchInlineSnapshot(`
      [
        "logits, batch of 1",
        "logits, batch of 7",
        "logits, all 20 test images",
        "Affine alone (0/Gemm), 16 images",
        "Relu alone (1/Relu), 16 images",
        "Affine alone (2/Gemm), 16 images",
      ]
    `);
  });
});

describe("parityRow", () => {
  it("passes only if every prediction is equal", () => {
    expect(parityRow({ ...report, maxAbs: 2e-6 }, 1)).toMatchInlineSnapshot(`
      {
        "job": "parity with ONNX Runtime",
        "passed": true,
        "result": "all 20 predictions equal, logits within 2.0e-6",
        "seconds": 1,
        "target": "all equal, within 1e-5",
      }
    `);
    const { result, passed } = parityRow({ ...report, equalPredictions: { equal: 19, total: 20 } }, 1);
    expect(result).toContain("19 of 20 predictions equal");
    expect(passed).toBe(false);
  });

  it("does not pass on nothing", () => {
    expect(parityRow({ ...report, equalPredictions: null }, 1).passed).toBe(false);
    expect(parityRow({ ...report, passed: false }, 1).passed).toBe(false);
  });
});
