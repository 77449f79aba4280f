import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { broadcastable, layOut, layouts, tensors } from "./arbitraries.ts";
import {
  anywhere,
  awayFrom,
  between,
  bits,
  type Domain,
  distinct,
  indicesBelow,
  positive,
  unit,
} from "./domains.ts";
import { broadcastableShapes, dimOf, shapes, sizeOf, someDims } from "./shapes.ts";

const RUNS = 2000;

describe("shapes", () => {
  const drawn = fc.sample(shapes(), { seed: 1, numRuns: RUNS });

  it("draws every rank from 0 to 4, sizes 0, 1 and more", () => {
    expect(new Set(drawn.map((shape) => shape.length))).toEqual(new Set([0, 1, 2, 3, 4]));
    const sizes = drawn.flat();
    expect(share(sizes, (size) => size === 0)).toBeGreaterThan(0.01);
    expect(share(sizes, (size) => size === 1)).toBeGreaterThan(0.1);
    expect(share(sizes, (size) => size > 1)).toBeGreaterThan(0.6);
  });

  it("keeps tensors small, and empty ones few", () => {
    expect(Math.max(...drawn.map(sizeOf))).toBeLessThanOrEqual(60);
    expect(share(drawn, (shape) => sizeOf(shape) === 0)).toBeLessThan(0.2);
  });

  it("obeys its limits", () => {
    const limits = {
      minRank: 2,
      maxRank: 3,
      minSize: 1,
      maxSize: 3,
      maxElements: 9,
    };
    for (const shape of fc.sample(shapes(limits), { seed: 2, numRuns: 500 })) {
      expect(shape.length === 2 || shape.length === 3).toBe(true);
      expect(shape.every((size) => size >= 1 && size <= 3)).toBe(true);
      expect(sizeOf(shape)).toBeLessThanOrEqual(9);
    }
  });
});

describe("broadcastableShapes", () => {
  const pairs = fc.sample(broadcastableShapes(2), { seed: 3, numRuns: RUNS });

  it("really stretches: one side in most pairs, both sides in many", () => {
    const left = (pair: number[][]) => stretches(pair[0], pair);
    const right = (pair: number[][]) => stretches(pair[1], pair);
    expect(share(pairs, (pair) => left(pair) || right(pair))).toBeGreaterThan(0.6);
    expect(share(pairs, (pair) => left(pair) && right(pair))).toBeGreaterThan(0.2);
    expect(share(pairs, (pair) => !left(pair) && !right(pair))).toBeGreaterThan(0.1);
  });

  it("leaves leading dims out, and always fits together", () => {
    expect(share(pairs, ([a, b]) => a!.length !== b!.length)).toBeGreaterThan(0.2);
    for (const pair of pairs) expect(() => broadcast(pair)).not.toThrow();
  });
});

describe("dimOf and someDims", () => {
  it("count dims from both ends", () => {
    expect(new Set(fc.sample(dimOf(2), { seed: 4, numRuns: 200 }))).toEqual(new Set([-2, -1, 0, 1]));
    expect(fc.sample(someDims(0), { seed: 4, numRuns: 3 })).toEqual([[], [], []]);
    expect(new Set(fc.sample(someDims(2), { seed: 4, numRuns: 200 }).map(String))).toEqual(
      new Set(["0", "1", "0,1"]),
    );
  });
});

describe("domains", () => {
  const rows: [Domain, (values: number[]) => boolean][] = [
    [anywhere, (v) => v.every((x) => Math.abs(x) <= 3)],
    [positive, (v) => v.every((x) => x >= 1 / 8 && x <= 4)],
    [unit, (v) => v.every((x) => x > 0 && x < 1)],
    [between(-0.9, 0.9), (v) => v.every((x) => Math.abs(x) <= 0.9)],
    [awayFrom(0), (v) => v.every((x) => Math.abs(x) >= 1 / 8)],
    [awayFrom(1), (v) => v.every((x) => Math.abs(x - 1) >= 1 / 8)],
    [distinct, (v) => v.every((x, i) => v.every((y, j) => i === j || Math.abs(x - y) > 1 / 16))],
    [indicesBelow(5), (v) => v.every((i) => Number.isInteger(i) && i >= 0 && i < 5)],
    [bits, (v) => v.every((b) => b === 0 || b === 1)],
  ];

  it.each(rows.map(([domain, holds]) => [domain.name, domain, holds] as const))("%s", (_, domain, holds) => {
    fc.assert(fc.property(domain.values(12), holds), {
      seed: 5,
      numRuns: 300,
    });
  });

  it("draws floats on a grid of 2^-10, of both signs and rarely 0", () => {
    const values = fc.sample(anywhere.values(10), { seed: 6, numRuns: 300 }).flat();
    expect(values.every((x) => Number.isInteger(x * 1024))).toBe(true);
    expect(share(values, (x) => x > 0)).toBeGreaterThan(0.35);
    expect(share(values, (x) => x < 0)).toBeGreaterThan(0.35);
    expect(share(values, (x) => x === 0)).toBeLessThan(0.1);
    expect(share(values, (x) => Math.abs(x) > 0.25)).toBeGreaterThan(0.5);
  });
});

describe("tensors", () => {
  const drawn = fc.sample(tensors(), { seed: 7, numRuns: RUNS });

  it("draws contiguous tensors and views of every kind", () => {
    expect(share(drawn, (x) => x.isContiguous())).toBeGreaterThan(0.4);
    expect(share(drawn, (x) => !x.isContiguous())).toBeGreaterThan(0.2);
    expect(
      share(drawn, (x) => x.strides.some((stride, i) => stride === 0 && x.shape[i] > 1)),
    ).toBeGreaterThan(0.03);
    expect(share(drawn, (x) => x.offset > 0)).toBeGreaterThan(0.05);
    expect(share(drawn, isTransposed)).toBeGreaterThan(0.05);
  });

  it("shows no element of the memory around a view", () => {
    for (const x of drawn) expect(x.data.every(Number.isFinite)).toBe(true);
    expect(drawn.some((x) => x.storage.view.some(Number.isNaN))).toBe(true);
  });

  it("lays the same numbers out in any layout", () => {
    const values = Array.from({ length: 24 }, (_, i) => i);
    fc.assert(
      fc.property(layouts, (draw) => {
        const x = layOut(values, [2, 3, 4], anywhere, draw);
        return draw.kind === "expanded" || x.data.every((value, i) => value === i);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it("makes float64 leaves, indices in int32, bits in bool", () => {
    expect(drawn.every((x) => x.dtype === "float64" && x.isLeaf)).toBe(true);
    expect(
      fc.sample(tensors({ domain: indicesBelow(3) }), {
        seed: 9,
        numRuns: 1,
      })[0].dtype,
    ).toBe("int32");
    expect(fc.sample(tensors({ domain: bits }), { seed: 9, numRuns: 1 })[0].dtype).toBe("bool");
  });

  it("keeps distinct numbers distinct in every layout", () => {
    for (const x of fc.sample(tensors({ domain: distinct }), {
      seed: 10,
      numRuns: 500,
    })) {
      expect(new Set(x.data).size).toBe(x.size);
    }
  });

  it("takes a fixed shape", () => {
    for (const x of fc.sample(tensors({ shape: [3, 4] }), {
      seed: 11,
      numRuns: 20,
    }))
      expect(x.shape).toEqual([3, 4]);
  });

  it("draws operands that broadcast together", () => {
    for (const [a, b] of fc.sample(broadcastable([anywhere, positive]), {
      seed: 12,
      numRuns: 200,
    })) {
      expect(() => a!.add(b!)).not.toThrow();
    }
  });
});

function share<T>(list: readonly T[], holds: (item: T) => boolean): number {
  return list.filter(holds).length / list.length;
}

function broadcast(pair: readonly number[][]): number[] {
  const rank = Math.max(...pair.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = pair.map((shape) => shape[shape.length - rank + i] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size)) throw new Error(`${pair.join(" | ")} do not broadcast`);
    return size;
  });
}

function stretches(shape: readonly number[], pair: readonly number[][]): boolean {
  return sizeOf(shape) !== sizeOf(broadcast(pair));
}

function isTransposed(x: Tensor): boolean {
  return x.strides.some(
    (stride, i) =>
      i > 0 && x.shape[i] > 1 && x.shape[i - 1] > 1 && stride > x.strides[i - 1] && x.strides[i - 1] > 0,
  );
}
