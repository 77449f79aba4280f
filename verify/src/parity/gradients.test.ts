import { Function, ones, Random, randn, type Tensor } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { float, node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { gradientCases } from "../table/gradients.ts";
import { gradientParity } from "./gradients.ts";
import { checkGradientCase } from "./gradients-cases.ts";

const random = new Random(3);

describe("gradients exported to ONNX Runtime", () => {
  it.each(gradientCases)("$name", async (row) => {
    const { passed, relative, gradients } = await checkGradientCase(row);
    expect({ passed, near: relative <= 1e-5 }).toEqual({ passed: true, near: true });
    expect(gradients.length).toBeGreaterThan(0);
  });
});

describe("gradients in float64", () => {
  it.each(gradientCases)("$name", async (row) => {
    const { passed, relative } = await checkGradientCase(row, { dtype: "float64" });
    expect({ passed, near: relative < 1e-13 }).toEqual({ passed: true, near: true });
  });
});

describe("gradientParity", () => {
  it("measures both engines against float64", async () => {
    const layer = new Linear(4, 3, { random });
    const loss = (y: Tensor) => y.square().mean();
    const report = await gradientParity(layer, randn([5, 4], { random }), { loss });
    expect(report.gradients.map(({ name }) => name)).toEqual(["grad.weight", "grad.bias"]);
    expect(report.gradients[0].ours).toBeGreaterThan(0);
    expect(report.gradients[0].theirs).toBeLessThan(1e-6);
    expect(layer.weight.grad).toBe(null);
  });

  it("compares float64 to the last digits", async () => {
    const layer = new Linear(4, 3, { random }).to("float64");
    const x = randn([5, 4], { random, dtype: "float64" });
    const report = await gradientParity(layer, x, { loss: (y: Tensor) => y.tanh().square().mean() });
    expect([report.passed, report.gradients[0].ours]).toEqual([true, null]);
    expect(report.relative).toBeLessThan(1e-14);
  });

  it("finds a backward rule whose translation differs", async () => {
    const x = randn([4], { random });
    const report = await gradientParity((x) => new Off().apply(x), x, {
      loss: (y: Tensor) => y.mul(x).sum(),
    });
    expect([report.passed, report.loss.maxAbs]).toEqual([false, 0]);
    expect(report.firstDivergence).toBe("backward/Mul_1");
    expect(report.relative).toBeCloseTo(0.001, 5);
  });

  it("finds a fused kernel that differs from the recorded rule", async () => {
    const report = await gradientParity((x) => new Fused().apply(x), ones([3]), {
      loss: (y: Tensor) => y.sum(),
    });
    expect([report.passed, report.relative]).toEqual([false, 1]);
    expect(report.firstDivergence).toBe(null);
  });
});

/** 2·x, whose gradient says 2.002 in ONNX. */
class Off extends Function {
  forward(x: Tensor) {
    return x.mul(2);
  }
  backward(g: Tensor) {
    return [new OffGrad().apply(g)];
  }
  override onnx() {
    return node("Mul", {}, [0, float(2)]);
  }
}

class OffGrad extends Function {
  forward(g: Tensor) {
    return g.mul(2);
  }
  backward(g: Tensor) {
    return [g.mul(2)];
  }
  override onnx() {
    return node("Mul", {}, [0, float(2.002)]);
  }
}

/** Passes twice the gradient back unless it is recorded. */
class Fused extends Function {
  forward(x: Tensor) {
    return x.neg();
  }
  backward(g: Tensor) {
    const y = g.neg();
    return [y.gradFn ? y : y.mul(2)];
  }
  override onnx() {
    return node("Neg");
  }
}
