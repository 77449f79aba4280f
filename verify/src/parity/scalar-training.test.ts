import { MLP, v } from "micrograd";
import { describe, expect, it } from "vitest";
import { faults } from "../table/00-micrograd.ts";
import { parametersOf } from "./scalar.ts";
import { scalarTrainingParity } from "./scalar-training.ts";

describe("scalarTrainingParity", () => {
  it("ends at the same weights, and puts them back", async () => {
    const { model, loss } = regression();
    const before = model.parameters().map(({ data }) => data);
    const report = await scalarTrainingParity(parametersOf(model), loss, { steps: 10, lr: 0.1 });
    expect(report).toMatchObject({ passed: true, steps: 10, parameters: 13 });
    expect(report.maxAbs).toBeLessThan(1e-14);
    expect(report.moved).toBeGreaterThan(0.01);
    expect(model.parameters().map(({ data, grad }) => [data, grad])).toEqual(before.map((data) => [data, 0]));
  });

  it.each(["micrograd: the last contribution overwrites the others", "micrograd tanh: 1 − t"])(
    "fails with a fault in our engine (%s), and puts the weights back",
    async (name) => {
      const { model, loss } = regression();
      const before = model.parameters().map(({ data }) => data);
      const remove = faults.find((mutant) => mutant.name === name)?.plant();
      try {
        const { passed, maxAbs } = await scalarTrainingParity(parametersOf(model), loss, { lr: 0.1 });
        expect(passed).toBe(false);
        expect(maxAbs).toBeGreaterThan(1e-3);
      } finally {
        remove?.();
      }
      expect(model.parameters().map(({ data }) => data)).toEqual(before);
    },
  );

  it("refuses what is no number of steps, no list of parameters, or no single graph", async () => {
    const w = v(1);
    const loss = () => w.mul(w);
    await expect(scalarTrainingParity({ w }, loss, { steps: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: scalarTrainingParity: 0 steps — the number of steps is a positive integer]`,
    );
    await expect(scalarTrainingParity({ w }, loss, { lr: Number.NaN })).rejects.toThrow("lr NaN");
    await expect(scalarTrainingParity({}, loss)).rejects.toThrow("no inputs");
    let calls = 0;
    const another = () => w.mul(++calls);
    await expect(scalarTrainingParity({ w }, another)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: scalarTrainingParity: the loss is another graph than at the first step — one exported step stands for all; build the same operations and constants every time]`,
    );
    expect([w.data, w.grad]).toEqual([1, 0]);
  });
});

function regression() {
  const model = new MLP(2, [3, 1], { seed: 5 });
  const rows = [[0, 1, 1], [1, 1, -1], [0.5, -1, 0.25]] as const; // biome-ignore format: a table
  const loss = () =>
    rows
      .map(([x, y, target]) => model.forward([x, y])[0].sub(target).pow(2))
      .reduce((sum, square) => sum.add(square));
  return { model, loss };
}
