import { Function, type Tensor } from "tensorgrad";
import { float, node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { randomGradientParity } from "./backward-rules.ts";
import { randomOperations } from "./random-operations.ts";

describe("gradients of random models in both engines", () => {
  it("agree, whatever the models are made of", async () => {
    const { failure, models, gradients, nodes } = await randomGradientParity({ runs: 60 });
    expect([failure, models]).toEqual([null, 60]);
    expect(gradients).toBeGreaterThan(60);
    expect(nodes).toBeGreaterThan(3000);
  });

  it("find a rule that is exported wrongly", async () => {
    const planted = {
      name: "planted",
      operands: 1,
      takes: () => true,
      run: (x: Tensor) => new Odd().apply(x),
    };
    const operations = [...randomOperations.filter(({ kinked }) => !kinked), planted as never];
    const { passed, failure } = await randomGradientParity({ operations, runs: 100 });
    expect(passed).toBe(false);
    expect(failure).toMatchInlineSnapshot(`
      {
        "inputs": "r0 = 1",
        "message": "grad.input differs by 3.6003948866714097e-7 (numbers up to 0.6083504277316157)",
        "path": "2:0:0:0:0:0:2:0:0:1:2:2:2:5:5:5:5:6:0:13:2:2:2:2:3:3:3:3:3:22:22:22",
        "program": "r1 = stack(r0, r0, setting 0); r2 = add(r0, r0); r3 = planted(r1)",
        "seed": 1,
      }
    `);
  });
});

class Odd extends Function {
  #x!: Tensor;
  forward(x: Tensor) {
    this.#x = x;
    return x.sin();
  }
  backward(g: Tensor) {
    return [new OddGrad().apply(g, this.#x)];
  }
  override onnx() {
    return node("Sin");
  }
}

/** g·cos x, and in ONNX a little more. */
class OddGrad extends Function {
  forward(g: Tensor, x: Tensor) {
    return g.mul(x.cos());
  }
  backward(g: Tensor) {
    return [g, null];
  }
  override onnx() {
    return node("Mul", {}, [0, node("Mul", {}, [node("Cos", {}, [1]), float(1.000001)])]);
  }
}
