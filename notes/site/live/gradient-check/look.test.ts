import { describe, expect, it } from "vitest";
import { SUBJECTS } from "./functions.ts";
import { judgeAll, look } from "./look.ts";
import type { Bug, Subject } from "./names.ts";

const subjects = Object.keys(SUBJECTS) as Subject[];

describe("look", () => {
  it.each(subjects)("%s: the curve is a V, and float64 reaches further down than float32", (subject) => {
    const { at } = SUBJECTS[subject];
    const { points, backward, table } = look(subject, at, "none");
    const best = (kind: "float32" | "float64") =>
      Math.min(...points.map((p) => Math.abs(p[kind] - backward)));
    expect(best("float64")).toBeLessThan(1e-9);
    expect(best("float32")).toBeLessThan(1e-2);
    const tiny = points.filter(({ h }) => h < 1e-15);
    expect(Math.max(...tiny.map(({ float32 }) => Math.abs(float32 - backward)))).toBeGreaterThan(0.1);
    expect(table.agrees).toBe(true);
    expect(Math.abs(table.value - backward)).toBeLessThan(1e-10);
    expect(table.rows.every((row, i) => row.length === i + 1)).toBe(true);
  });

  it("knows a kink and the edge of a domain", () => {
    expect(look("relu", 0, "none").table.kink).toBe(true);
    expect(look("log", 0, "none").table.kink).toBe(true);
  });

  it("sees a planted bug in the table's verdict", () => {
    expect(look("tanh", 0.7, "factor").table.agrees).toBe(false);
    expect(look("tanh", 0.7, "tiny").table.agrees).toBe(false);
  });
});

describe("judgeAll", () => {
  it.each(["tanh", "relu"] as const)(
    "%s: no alarm without a bug; each bug is caught on every seed",
    (subject) => {
      const verdicts = judgeAll(subject);
      const flat = subject === "relu"; // its slope has no slope, and passes g through where it is 1
      for (const { bug, caught, seeds, law } of verdicts) {
        const due = bug === "none" || (flat && bug === "detached") ? 0 : seeds;
        expect([bug, caught, law === null]).toEqual([bug, due, due === 0]);
      }
    },
  );

  it("names the property that finds each of them", () => {
    const laws = judgeAll("tanh").map(
      ({ bug, law, byHand, gradcheck }): [Bug, string | null, boolean, boolean] => [
        bug,
        law,
        byHand,
        gradcheck,
      ],
    );
    expect(laws).toMatchInlineSnapshot(`
      [
        [
          "none",
          null,
          false,
          false,
        ],
        [
          "factor",
          "differences",
          true,
          true,
        ],
        [
          "tiny",
          "differences",
          false,
          false,
        ],
        [
          "sign",
          "differences",
          true,
          true,
        ],
        [
          "forgotten",
          "differences",
          true,
          true,
        ],
        [
          "detached",
          "second differences",
          false,
          false,
        ],
        [
          "clipped",
          "homogeneous",
          true,
          true,
        ],
        [
          "unsteady",
          "same bits twice",
          false,
          false,
        ],
        [
          "written",
          "inputs unchanged",
          false,
          false,
        ],
      ]
    `);
  });
});
