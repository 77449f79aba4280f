import { Function, ones, Random, randn, type Tensor, tensor } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { float, node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { gradientCases } from "../table/gradients.ts";
import { checkDifferenceCase, differenceParity } from "./differences.ts";

const random = new Random(9);
const sum = { loss: (y: Tensor) => y.sum() };
const wide = { dtype: "float64" } as const;

describe("differences of ONNX Runtime's float64 forward", () => {
  it.each(gradientCases)("$name", async (row) => {
    const { failure, passed, relative } = await checkDifferenceCase(row, { directions: 2 });
    expect({ failure, passed }).toEqual({ failure: null, passed: true });
    expect(relative).toBeLessThan(1e-9);
  });
});

describe("differenceParity", () => {
  it("moves parameters, and puts them back", async () => {
    const layer = new Linear(3, 2, { random }).to("float64");
    const before = layer.weight.toArray();
    const loss = (y: Tensor) => y.tanh().square().mean();
    const report = await differenceParity(layer, randn([4, 3], { random, ...wide }), { loss });
    expect([report.passed, report.directions, report.kinks]).toEqual([true, 4, 0]);
    expect(report.evaluations).toBeGreaterThan(4 * 10);
    expect(layer.weight.toArray()).toEqual(before);
  });

  it("keeps away from kinks", async () => {
    const near = tensor([1e-4, -1e-4, 2], wide);
    const report = await differenceParity((x) => x.relu(), near, sum);
    expect([report.passed, report.kinks]).toEqual([true, 0]);
    const at = await differenceParity((x) => x.relu(), tensor([0, 1], wide), sum);
    expect([at.passed, at.kinks]).toEqual([false, 4]); // nothing was compared
  });

  it("finds a gradient that is wrong by a factor 1 + 1e-9, in the backward and in its export", async () => {
    const report = await differenceParity((x) => new Off().apply(x), randn([4], { random, ...wide }), sum);
    expect(report.passed).toBe(false);
    expect(report.relative).toBeGreaterThan(1e-10);
    expect(report.failure).toMatch(
      /^direction 0: backward gives .*, differences of ONNX Runtime's forward give /,
    );
  });

  it("finds an exported backward that is wrong alone", async () => {
    const report = await differenceParity((x) => new OffInOnnx().apply(x), ones([4], wide), sum);
    expect(report.passed).toBe(false);
    expect(report.relative).toBeLessThan(1e-12);
    expect(report.failure).toMatch(/^direction 0: the exported backward gives /);
  });

  it("needs float64", async () => {
    await expect(
      differenceParity(new Linear(2, 1), ones([1, 2]), sum),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: differenceParity: Linear with weight in float32 — differences need float64; use model.to("float64") and x.to("float64")]`,
    );
  });
});

/** sin(x), with a gradient that is off. */
class Off extends Function {
  #x!: Tensor;
  forward(x: Tensor) {
    this.#x = x;
    return x.sin();
  }
  backward(g: Tensor) {
    return [g.mul(this.#x.cos()).mul(1 + 1e-9)];
  }
  override onnx() {
    return node("Sin");
  }
}

/** 2·x, whose gradient is right here and off in ONNX. */
class OffInOnnx extends Function {
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
    return node("Mul", {}, [0, float(2.001)]);
  }
}
