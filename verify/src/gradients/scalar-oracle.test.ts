import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { describe, expect, it } from "vitest";
import { instructions, listing, programs } from "./programs.ts";
import { checkAgainstScalars } from "./scalar-oracle.ts";

describe("random programs", () => {
  const drawn = fc.sample(programs, { seed: 1, numRuns: 500 });

  it("have 5 to 15 steps and use every instruction", () => {
    const lengths = drawn.map(({ program }) => program.steps.length);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([5, 15]);
    const used = new Set(drawn.flatMap(({ program }) => program.steps.map(({ op }) => op)));
    expect(used.size).toBe(instructions.length);
  });

  it("use a value more than once nearly always", () => {
    const fans = drawn.filter(({ program: { steps } }) => {
      const read = steps.flatMap(({ a, b }, i) => [a % (3 + i), b % (3 + i)]);
      return new Set(read).size < read.length;
    });
    expect(fans.length / drawn.length).toBeGreaterThan(0.95);
  });

  it("can be read", () => {
    expect(
      listing(
        {
          steps: [
            { op: 0, a: 0, b: 1 },
            { op: 5, a: 3, b: 0 },
          ],
        },
        3,
      ),
    ).toBe("r3 = add(r0, r1); r4 = tanh(r3)");
  });
});

describe("checkAgainstScalars", () => {
  it("finds equal values and gradients in both engines", () => {
    const { failure, programs: count, worst } = checkAgainstScalars({ runs: 100 });
    expect(failure).toBeNull();
    expect(count).toBe(100);
    expect(worst).toBeLessThan(64);
  });

  it("finds a wrong gradient, and shrinks to a short program", () => {
    const right = ops.Tanh.prototype.backward;
    try {
      ops.Tanh.prototype.backward = function (g: Tensor) {
        return right.call(this, g.mul(1 + 1e-9));
      };
      expect(checkAgainstScalars({ runs: 100 }).failure?.message).toMatchInlineSnapshot(
        `"random program r3 = tanh(r0); r4 = add(r0, r0); r5 = add(r0, r0); r6 = add(r0, r0); r7 = add(r0, r0); r8 = add(r0, r0): tensorgrad and micrograd differ by 1.66e+5 units of rounding (allowed 64); replay with seed 1, path "0:7:6:6:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4:4""`,
      );
    } finally {
      ops.Tanh.prototype.backward = right;
    }
  });
});
