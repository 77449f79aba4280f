import { MLP, Value, v } from "micrograd";
import { describe, expect, it } from "vitest";
import { xorGrid } from "../table/scalar-programs.ts";
import { mlpPoints, parametersOf, type ScalarPoint, scalarParity } from "./scalar.ts";

describe("scalarParity", () => {
  it.each(["tanh", "sigmoid", "relu"] as const)(
    "agrees on a network of %s, at points of a grid",
    async (nonlin) => {
      const model = new MLP(2, [4, 3, 2], { nonlin, seed: 3 });
      const points = xorGrid.filter((_, i) => i % 50 === 0);
      const report = await scalarParity(mlpPoints(model, points));
      expect(report.failure).toBe(null);
      expect([report.points, report.kinks]).toEqual([40, 0]); // two outputs at 20 points
      expect(report.relative).toBeLessThan(1e-14);
    },
  );

  it("puts the gradients of leaves back", async () => {
    const model = new MLP(2, [1], { seed: 1 });
    for (const p of model.parameters()) p.grad = 7;
    await scalarParity(mlpPoints(model, [[1, 2]]));
    expect(model.parameters().map(({ grad }) => grad)).toEqual([7, 7, 7]);
  });

  it("names the value, and the gradient, that differs", async () => {
    const x = v(2, "x");
    const off = new Value(6.000001, "y", "*", [x, v(3)], (g) => [3 * g, 2 * g]);
    expect((await scalarParity([{ root: off, inputs: { x } }])).failure).toMatchInlineSnapshot(
      `"value of node 2 (y): micrograd 6.000001, ONNX Runtime 6 (allowed 1e-12 of the largest)"`,
    );
    const wrong = new Value(6, "y", "*", [x, v(3)], (g) => [2 * g, 2 * g]);
    expect((await scalarParity([{ root: wrong, inputs: { x } }])).failure).toMatchInlineSnapshot(
      `"gradient of node 0 (x): micrograd 2, ONNX Runtime 3 (allowed 1e-12 of the largest)"`,
    );
  });

  it("takes NaN and infinities for what they are: only the same agree", async () => {
    expect((await scalarParity([at(v(-1), (x) => x.log())])).passed).toBe(true);
    for (const data of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const x = v(2, "x");
      const { passed, relative } = await scalarParity([
        { root: new Value(data, "", "tanh", [x], () => [1]), inputs: { x } },
      ]);
      expect([passed, relative]).toEqual([false, Number.POSITIVE_INFINITY]);
    }
  });

  it("counts what lies on a kink where rounding decides, and compares 0 where sums led to it", async () => {
    const rounded = at(v(0.5), (x) => x.tanh().sub(Math.tanh(0.5)).relu());
    const report = await scalarParity([rounded]);
    expect([report.points, report.kinks]).toEqual([0, 1]);
    expect(report.failure).toMatchInlineSnapshot(`"no graph was compared (1 lie on a kink of relu)"`);
    const exact = at(v(0.5), (x) => x.sub(0.5).relu().relu());
    expect(await scalarParity([exact])).toMatchObject({ passed: true, points: 1, kinks: 0 });
  });

  it("exports once for graphs that differ in their numbers only", async () => {
    const f = (x: Value) => x.mul(2).tanh();
    const one = await scalarParity([at(v(1), f)]);
    const three = await scalarParity([at(v(1), f), at(v(2), f), at(v(3), f)]);
    expect([three.nodes, three.values]).toEqual([one.nodes, 3 * one.values]);
    const other = await scalarParity([at(v(1), f), at(v(1), (x) => x.mul(3).tanh())]);
    expect(other.nodes).toBe(2 * one.nodes);
  });

  it("says so when there was nothing to compare", async () => {
    expect((await scalarParity([])).failure).toMatchInlineSnapshot(
      `"no graph was compared (0 lie on a kink of relu)"`,
    );
  });
});

describe("parametersOf", () => {
  it("names every parameter by where it stands", () => {
    const model = new MLP(2, [2, 1]);
    const named = parametersOf(model);
    expect(Object.keys(named)).toEqual([
      "layers.0.neurons.0.w1",
      "layers.0.neurons.0.w2",
      "layers.0.neurons.0.b",
      "layers.0.neurons.1.w1",
      "layers.0.neurons.1.w2",
      "layers.0.neurons.1.b",
      "layers.1.neurons.0.w1",
      "layers.1.neurons.0.w2",
      "layers.1.neurons.0.b",
    ]);
    expect(Object.values(named)).toEqual(model.parameters());
  });
});

const at = (x: Value, f: (x: Value) => Value): ScalarPoint => ({ root: f(x), inputs: { x } });
