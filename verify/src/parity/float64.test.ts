import { linspace, randn, type Tensor } from "tensorgrad";
import { elu, GELU, Linear, leakyRelu, Sequential, softplus } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { runOnnx } from "./onnx-runtime.ts";
import { parity } from "./parity.ts";

describe("operators without a float64 kernel, spelled out", () => {
  it.each<[string, (x: Tensor) => Tensor]>([
    ["erf", (x) => x.erf()],
    ["gelu", (x) => x.gelu()],
    ["leakyRelu", leakyRelu],
    ["elu", (x) => elu(x, { alpha: 0.7 })],
    ["softplus", (x) => softplus(x, { beta: 3, threshold: 7.1 })],
    ["gelu (tanh)", (x) => x.gelu({ approximate: "tanh" })],
  ])("%s is within 1e-14 from −8 to 8", async (_, fn) => {
    const x = linspace(-8, 8, 4001, { dtype: "float64" });
    const { output } = await runOnnx(exportOnnx(fn, x, { decompose: "float64" }), x);
    expect(output.sub(fn(x)).abs().max().item()).toBeLessThan(1e-14);
  });

  it("let whole models be compared in float64, operation by operation", async () => {
    const model = new Sequential(new Linear(6, 8), new GELU(), new Linear(8, 2)).to("float64");
    const report = await parity(model, randn([20, 6], { dtype: "float64" }), { tolerance: 1e-13 });
    expect([report.passed, report.firstDivergence, report.nodes.length]).toEqual([true, null, 3]);
  });
});
