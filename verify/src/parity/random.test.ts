import { Function, type Tensor } from "tensorgrad";
import { float, node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { randomModelParity } from "./random.ts";
import { type RandomOperation, randomOperations } from "./random-operations.ts";

describe("random models in both engines", () => {
  it("agree, whatever they are made of", async () => {
    const { failure, models, results, operations, worst } = await randomModelParity({ runs: 150 });
    expect(failure).toBe(null);
    expect(models).toBe(150);
    expect(results).toBeGreaterThan(500);
    expect(operations.length).toBeGreaterThan(50);
    expect(worst).toBeGreaterThan(0);
  });

  it("are the same for the same seed", async () => {
    const options = { seed: 7, runs: 10 };
    expect(await randomModelParity(options)).toEqual(await randomModelParity(options));
  });

  it("shrink to the smallest graph that differs", async () => {
    const operations = [...randomOperations, ...planted((x) => new AlmostTanh().apply(x))];
    const { passed, failure } = await randomModelParity({ operations, runs: 300 });
    expect(passed).toBe(false);
    expect(failure).toMatchInlineSnapshot(`
      {
        "inputs": "r0 = [[[1,1,1],[1,1,1]],[[1,1,1],[1,1,1]],[[1,1,1],[1,1,1]]]",
        "message": "planted differs: against float64 ours is off by 2.0e-8, theirs by 0.000076 (numbers up to 1.0)",
        "path": "45:4:1:1:6:4:8:8:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:17:16:16:16:16:15:15:15:15:15",
        "program": "r1 = planted(r0)",
        "seed": 1,
      }
    `);
  });

  it("report what cannot be exported, as small", async () => {
    const operations = [...randomOperations, ...planted((x) => new Silent().apply(x))];
    const { failure } = await randomModelParity({ operations, runs: 300 });
    expect([failure?.message, failure?.program]).toMatchInlineSnapshot(`
      [
        "exportOnnx: operation Silent on [3, 2, 3] — it has no ONNX counterpart; compose it from operations that have one, or give its class an onnx() method",
        "r1 = planted(r0)",
      ]
    `);
  });
});

const planted = (run: (x: Tensor) => Tensor): RandomOperation[] => [
  { name: "planted", operands: 1, takes: (a) => a.length > 1, run },
];

/** tanh, and in ONNX a little more. */
class AlmostTanh extends Function {
  forward(x: Tensor) {
    return x.tanh();
  }
  backward() {
    return [null];
  }
  override onnx() {
    return node("Mul", {}, [node("Tanh"), float(1.0001)]);
  }
}

class Silent extends Function {
  forward(x: Tensor) {
    return x.neg();
  }
  backward() {
    return [null];
  }
}
