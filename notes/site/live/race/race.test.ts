import { describe, expect, it } from "vitest";
import { type Racer, SURFACES, type Surface, VIEWS } from "./names.ts";
import { heights, race, run } from "./race.ts";

const quiet = { rate: 1, schedule: "constant", clip: null } as const;

describe("race", () => {
  it.each(Object.keys(SURFACES) as Surface[])("%s: all begin in one place, and all come down", (surface) => {
    for (const { points, losses } of race({ surface, ...quiet })) {
      expect(points[0]).toEqual(VIEWS[surface].start);
      expect(losses).toHaveLength(200);
      expect(losses[199]).toBeLessThan(0.5 * losses[0]);
    }
  });

  it("takes SGD's steps as one computes them by hand", () => {
    const { points } = run("sgd", { surface: "valley", ...quiet });
    expect(points[1][0]).toBeCloseTo(-9 - 0.09 * -9, 12); // x − lr·x
    expect(points[1][1]).toBeCloseTo(2 - 0.09 * 20 * 2, 12); // y − lr·20y
  });

  it("SGD at three times its rate leaves the valley, unless it is clipped", () => {
    const last = (clip: number | null) =>
      run("sgd", { surface: "valley", ...quiet, rate: 3, clip }).losses.at(-1) ?? 0;
    expect(last(null)).toBeGreaterThan(1e6);
    expect(last(1)).toBeLessThan(1);
  });

  it("follows its schedule", () => {
    const rates = (schedule: "cosine" | "step" | "warmup" | "constant") =>
      run("adam" satisfies Racer, { surface: "bowls", ...quiet, schedule }).rates;
    expect(rates("constant").every((lr) => lr === 0.1)).toBe(true);
    expect(rates("cosine")[100]).toBeCloseTo(0.05, 3);
    expect(rates("step")[199]).toBeCloseTo(0.1 / 9, 9);
    expect(rates("warmup")[0]).toBeLessThan(0.01);
  });
});

describe("heights", () => {
  it("are those of the valley", () => {
    const n = 50;
    const list = heights("valley", n);
    const [x, y] = [-10 + (14 * 0.5) / n, 3.2 - (6.4 * 0.5) / n];
    expect(list[0]).toBeCloseTo(0.5 * x * x + 10 * y * y, 3);
    expect(list).toHaveLength(n * n);
  });
});
