import { interleaved, interleavedSync } from "tensorgrad/benchmarking";
import { describe, expect, it } from "vitest";

describe("interleaved", () => {
  it("takes turns, forwards and backwards, and leaves the warm-up out", async () => {
    const order: string[] = [];
    let time = 0;
    const ways = { a: () => void order.push("a"), b: async () => void order.push("b") };
    const found = await interleaved(ways, { rounds: 3, warmUp: 1, now: () => ++time });
    expect(order.join("")).toBe("baabbaab");
    expect(found).toEqual({ a: [1, 1, 1], b: [1, 1, 1] });
  });

  it("measures synchronous ways in the same order", () => {
    let time = 0;
    const wait = (ms: number): void => {
      time += ms;
    };
    const found = interleavedSync(
      { slow: () => wait(5), fast: () => wait(1) },
      { rounds: 2, warmUp: 0, now: () => time },
    );
    expect(found).toEqual({ slow: [5, 5], fast: [1, 1] });
  });

  it("refuses counts that are none", () => {
    expect(() => interleavedSync({ a: () => {} }, { rounds: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: interleaved: rounds = 0, warmUp = 3 — integers, at least 1 and 0]`,
    );
  });
});
