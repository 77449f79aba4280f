import { describe, expect, it } from "vitest";
import type { Case } from "./cases.ts";
import { type Effort, type Measured, measureCase, mediansOf } from "./measure.ts";

const work: Case = { name: "tiny", unit: "µs", work: { kind: "tiny" }, amount: 1, repeat: 1 };
const effort: Effort = { rounds: 3, milliseconds: 1, limit: 1, deadline: 100, now: () => 0 };

describe("measureCase", () => {
  it("interleaves the rounds of all contenders and takes medians", async () => {
    const order: string[] = [];
    const contenders = [scripted("a", [1, 9, 2], order), scripted("b", [5, 4, 6], order)];
    expect(mediansOf(await measureCase(work, contenders, effort, 1))).toEqual({ a: 2, b: 5 });
    expect(order.join("")).toBe("ababab");
  });

  it("asks nobody again who has no such thing", async () => {
    const order: string[] = [];
    const contenders = [scripted("a", [1, 1, 1], order), scripted("b", [null], order)];
    expect(mediansOf(await measureCase(work, contenders, effort, 1))).toEqual({ a: 1, b: null });
    expect(order.join("")).toBe("abaa");
  });

  it("leaves every case its share of the time, and one round at least", async () => {
    const order: string[] = [];
    let time = 0;
    const now = () => time++ * 20; // per look at the clock, one before each round; the share is 50
    await measureCase(work, [scripted("a", [1, 1, 1], order)], { ...effort, now }, 2);
    expect(order.join("")).toBe("aa");
    await measureCase(work, [scripted("b", [1], order)], { ...effort, deadline: -1 }, 1);
    expect(order.join("")).toBe("aab");
  });
});

function scripted(name: string, seconds: (number | null)[], order: string[]): Measured {
  let round = 0;
  return {
    name,
    round: () => {
      order.push(name);
      return Promise.resolve(seconds[round++]);
    },
  };
}
