import { Function, type Tensor } from "tensorgrad";
import { float, node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { arithmetic, exact, unary, words, zipped } from "../table/builders.ts";
import { anywhere, positive } from "../table/inputs/domains.ts";
import { operationParity } from "./operation.ts";

describe("operationParity", () => {
  it("finds an operation equal in both engines", async () => {
    const report = await operationParity(
      zipped("mul", words("y", "g"), [anywhere, anywhere], [], (a, b) => a.mul(b), { onnx: exact }),
    );
    expect(report).toMatchObject({
      passed: true,
      skipped: null,
      ulps: 0,
      operators: ["Mul"],
      runs: 20,
      failure: null,
    });
  });

  it("measures both engines in ulps of the largest element", async () => {
    const report = await operationParity(unary("log", words("y", "g"), positive, [], (x) => x.log()));
    expect(report.passed).toBe(true);
    expect(report.ours).toBeLessThan(2);
    expect(report.theirs).toBeGreaterThan(0);
  });

  it("is the same for the same seed", async () => {
    const row = unary("exp", words("y", "g"), anywhere, [], (x) => x.exp());
    expect(await operationParity(row, { seed: 5 })).toEqual(await operationParity(row, { seed: 5 }));
  });

  it("says why a row is not compared", async () => {
    const row = unary("draw", words("y", "g"), anywhere, [], (x) => x, { onnx: { none: "random" } });
    expect(await operationParity(row)).toMatchObject({ passed: true, skipped: "random", runs: 0 });
  });

  it("reports the smallest example that differs", async () => {
    const row = unary("triple", words("y", "g"), anywhere, [], (x) => new Triple().apply(x), {
      onnx: arithmetic,
    });
    const { passed, failure } = await operationParity(row);
    expect(passed).toBe(false);
    expect(failure).toMatchInlineSnapshot(`
      {
        "example": "x = 1",
        "message": "4194 ulps from ONNX Runtime, allowed 8; against float64 ours is off by 0.0 ulps, theirs by 4.2e+3",
        "path": "2:0:0:0",
        "seed": 1,
      }
    `);
  });

  it("keeps the example that is furthest off, also of a row that passes, abridged", async () => {
    const { worst, ulps, passed } = await operationParity(
      unary("exp", words("y", "g"), anywhere, [], (x) => x.exp()),
    );
    expect(passed).toBe(true);
    expect(worst?.ulps).toBe(ulps);
    expect(worst?.inputs[0].split(" = ")[1].split(", ").length).toBeLessThanOrEqual(9);
    const wrong = unary("triple", words("y", "g"), anywhere, [], (x) => new Triple().apply(x), {
      onnx: { ulps: 1e6 },
    });
    const { ours = 0, theirs = 0, truth = 0 } = (await operationParity(wrong)).worst ?? {};
    expect(ours).toBeCloseTo(truth, 6);
    expect(theirs / truth).toBeCloseTo(3.001 / 3, 6);
  });

  it("reports what cannot be exported", async () => {
    const row = unary("silent", words("y", "g"), anywhere, [], (x) => new Silent().apply(x));
    const { passed, failure } = await operationParity(row);
    expect([passed, failure?.message]).toMatchInlineSnapshot(`
      [
        false,
        "exportOnnx: operation Silent on [] — it has no ONNX counterpart; compose it from operations that have one, or give its class an onnx() method",
      ]
    `);
  });
});

/** 3·x, with a translation that says 3.001·x. */
class Triple extends Function {
  forward(x: Tensor) {
    return x.mul(3);
  }
  backward(g: Tensor) {
    return [g.mul(3)];
  }
  override onnx() {
    return node("Mul", {}, [0, float(3.001)]);
  }
}

class Silent extends Function {
  forward(x: Tensor) {
    return x.neg();
  }
  backward(g: Tensor) {
    return [g.neg()];
  }
}
