import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { heap, scope, zeros } from "../src/entries/index.ts";
import { allocationSoak, trainingSoak } from "./soak.fixture.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of JavaScript objects per step that count as a leak: one small object for every operation would be more. */
const LEAK = 500;

describe("2,000 training steps in a synchronous loop", () => {
  const soak = trainingSoak({ steps: 2000, collect: collectGarbage });

  it("leave the tensor heap as each step found it, to the byte", () => {
    expect(soak.unlike).toBe(0);
    expect(soak.peakBytes).toBeLessThan(1024 * 1024);
  });

  it("leave no JavaScript objects behind, and resident memory flat", () => {
    expect(soak.scriptBytesPerStep).toBeLessThan(LEAK);
    expect(soak.residentGrowth).toBeLessThan(1.15);
  });

  it("learn something meanwhile", () => {
    expect(soak.firstLoss).toBeGreaterThan(2);
    expect(soak.lastLoss).toBeLessThan(0.1);
  });
});

describe("inside a scope that spans the run", () => {
  it("gradients and kept tensors that are gone leave nothing behind", () => {
    using _ = scope();
    const each = () => {
      using step = scope();
      step.keep(zeros([1])).dispose();
    };
    const soak = trainingSoak({ steps: 3000, collect: collectGarbage, each });
    expect(soak.scriptBytesPerStep).toBeLessThan(LEAK);
  });
});

describe("a leak that was planted", () => {
  it("of an object per step shows in the slope", () => {
    const kept: number[][] = [];
    const soak = trainingSoak({
      steps: 1000,
      collect: collectGarbage,
      each: () => kept.push(new Array(250).fill(0.5)),
    });
    expect(soak.scriptBytesPerStep).toBeGreaterThan(2 * LEAK);
  });

  it("of one block of 64 bytes shows in the count", () => {
    const kept: number[] = [];
    const soak = trainingSoak({
      steps: 100,
      collect: collectGarbage,
      each: () => kept.push(heap.allocate(64, "uint8", [64])),
    });
    expect(soak.unlike).toBeGreaterThan(90);
    for (const block of kept) heap.free(block);
  });
});

describe("200,000 blocks of random sizes", () => {
  it("fill at most 1.6 times the memory in use at the peak, early and late, and all come back", () => {
    for (const seed of [1, 2]) {
      const { fragmentation, early, left } = allocationSoak(200_000, 400, seed);
      expect(Math.max(fragmentation, early)).toBeLessThan(1.6);
      expect(left).toBe(0);
    }
  });
});
