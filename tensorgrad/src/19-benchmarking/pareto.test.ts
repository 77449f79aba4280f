import fc from "fast-check";
import { paretoFront } from "tensorgrad/benchmarking";
import { describe, expect, it } from "vitest";

type Row = readonly [accuracy: number, ms: number];
const axes = [
  { of: (row: Row) => row[0], better: "more" as const },
  { of: (row: Row) => row[1], better: "less" as const },
];

describe("paretoFront", () => {
  it("keeps what nothing beats in both", () => {
    const rows: Row[] = [
      [0.9, 10],
      [0.8, 5],
      [0.7, 6], // the one before is better and faster
      [0.9, 12],
    ];
    expect(paretoFront(rows, axes)).toEqual(rows.slice(0, 2));
  });

  it("keeps equals, and leaves out what lacks a number", () => {
    expect(paretoFront<Row>([[1, 1], [1, 1], [Number.NaN, 0]], axes)).toEqual([[1, 1], [1, 1]]); // biome-ignore format: rows
  });

  it("is never empty, and what it leaves out is beaten by one of it", () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const front = paretoFront<Row>(rows, axes);
        expect(front.length).toBeGreaterThan(0);
        for (const [a, t] of rows.filter((one) => !front.includes(one)))
          expect(front.some(([b, u]) => b >= a && u <= t && (b > a || u < t))).toBe(true);
      }),
    );
  });
});
