import { Function, type Tensor } from "tensorgrad";
import { float, node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { unary, words } from "../table/builders.ts";
import { cases } from "../table/cases.ts";
import { anywhere } from "../table/inputs/domains.ts";
import { operationGradientParity } from "./backward-rules.ts";

const steps = ["sign", "floor", "ceil", "round"];

describe("every rule of the table, exported to ONNX Runtime", () => {
  const differentiable = cases.filter(({ order, name }) => order > 0 && !steps.includes(name));

  it.each(differentiable)("$name", async (row) => {
    const { failure, skipped, runs } = await operationGradientParity(row, { runs: 3 });
    expect({ failure, skipped }).toEqual({ failure: null, skipped: null });
    expect(runs).toBeGreaterThan(0);
  });

  it("but those that pass nothing back", async () => {
    for (const row of cases.filter(({ name }) => steps.includes(name))) {
      expect((await operationGradientParity(row, { runs: 3 })).skipped).toBe(
        "its gradient is 0 wherever it has one",
      );
    }
  });
});

describe("operationGradientParity", () => {
  it("reports the smallest example whose exported rule differs", async () => {
    const row = unary("odd", words("y", "g"), anywhere, [Odd], (x) => new Odd().apply(x));
    const { passed, failure } = await operationGradientParity(row);
    expect(passed).toBe(false);
    expect(failure).toMatchInlineSnapshot(`
      {
        "example": "x = 1",
        "message": "grad.input by backward and by ONNX Runtime differ by 0.0009451293945311745, allowed 1e-12",
        "path": "0:0:0:0",
        "seed": 1,
      }
    `);
  });
});

class Odd extends Function {
  forward(x: Tensor) {
    return x.neg();
  }
  backward(g: Tensor) {
    return [new OddGrad().apply(g)];
  }
  override onnx() {
    return node("Neg");
  }
}

class OddGrad extends Function {
  forward(g: Tensor) {
    return g.neg();
  }
  backward(g: Tensor) {
    return [g.neg()];
  }
  override onnx() {
    return node("Mul", {}, [0, float(-1.001)]);
  }
}
