import { beforeAll, describe, expect, it } from "vitest";
import { trainXor, type XorRun } from "../../xor.ts";
import { xorRow, xorSection } from "./xor.ts";

let run: XorRun;
beforeAll(() => {
  run = trainXor({ seed: 1, steps: 60 });
});

describe("xorSection", () => {
  it("draws the loss, the boundary and the graph of one neuron", async () => {
    const { figures } = await xorSection(run);
    expect(figures?.map(({ svg }) => /<svg[^>]*>/.test(svg))).toEqual([true, true, true]);
    for (const label of ["x1", "x2", "w1", "w2", "tanh", "grad 1"])
      expect(figures?.[2]?.svg).toContain(label);
  });

  it("shows that a weight on the input 0 has no gradient", async () => {
    await xorSection(run);
    expect(run.model.layers[0]?.neurons[0]?.weights[1]?.grad).toBe(0);
  });
});

describe("xorRow", () => {
  it("passes only with all four right and the linear neuron at three or fewer", () => {
    expect(xorRow({ ...run, accuracy: 1, linearAccuracy: 0.75 }).passed).toBe(true);
    expect(xorRow({ ...run, accuracy: 0.75, linearAccuracy: 0.75 }).passed).toBe(false);
    expect(xorRow({ ...run, accuracy: 1, linearAccuracy: 1 }).passed).toBe(false);
  });
});
