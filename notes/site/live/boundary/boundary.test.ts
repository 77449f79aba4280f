import { describe, expect, it } from "vitest";
import { pointsOf, ScalarEngine, TensorEngine } from "./engines.ts";
import { readPoints, withPoint, writePoints } from "./points.ts";

const settings = { width: 8, lr: 0.5, momentum: 0.9, seed: 1 };

describe("both engines", () => {
  it.each(["xor", "moons"] as const)("%s: take the same steps from the same weights", (shape) => {
    const points = pointsOf(shape, 3);
    const [scalar, tensor] = [new ScalarEngine(points, settings), new TensorEngine(points, settings)];
    for (let i = 0; i < 5; i++) {
      const [a, b] = [scalar.step(), tensor.step()];
      expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-5);
      expect(a.accuracy).toBe(b.accuracy);
      expect(a.nodes).toBeGreaterThan(20 * b.nodes);
    }
    const others = tensor.parameters();
    for (const [i, p] of scalar.parameters().entries()) expect(Math.abs(p - others[i])).toBeLessThan(1e-4);
    const grids = [scalar.grid(4), tensor.grid(4)];
    for (const [i, score] of grids[0].entries()) expect(Math.abs(score - grids[1][i])).toBeLessThan(1e-3);
  });

  it("learn XOR in 60 steps", () => {
    const points = pointsOf("xor", 1);
    for (const Engine of [ScalarEngine, TensorEngine]) {
      const engine = new Engine(points, settings);
      let last = engine.step();
      for (let i = 0; i < 60; i++) last = engine.step();
      expect([last.accuracy, last.loss < 0.05]).toEqual([1, true]);
    }
  });
});

describe("points of one's own", () => {
  it("come back from an address as they went, and leave out what is none", () => {
    const points = readPoints("-0.5,0.25,1;1.5,-1.5,0");
    expect(points).toEqual({
      x: [
        [-0.5, 0.25],
        [1.5, -1.5],
      ],
      y: [1, 0],
    });
    expect(writePoints(points)).toBe("-0.5,0.25,1;1.5,-1.5,0");
    expect(readPoints("a,b,1;;2,0,1;0,0;NaN,0,1;0,,1;1,1,1")).toEqual({ x: [[1, 1]], y: [1] });
  });

  it("are at most 200", () => {
    const many = readPoints(Array(300).fill("0,0,1").join(";"));
    expect(many.x).toHaveLength(200);
    expect(withPoint(many, [1, 1], 0).x).toHaveLength(200);
  });
});
