import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sourcesOf, termsOf } from "./places.ts";
import { EDGE, FIRST_INK, type Point, pixelsOf, readStrokes, writeStrokes } from "./strokes.ts";
import { walk } from "./tensors.ts";
import { FILTERS, type Filter, SIDE } from "./work.ts";

describe("the window", () => {
  it("lies on the numbers of its column, and their products add up to the result", () => {
    const settings = fc
      .record({
        seed: fc.integer({ min: 1, max: 20 }),
        filter: fc.constantFrom(...(Object.keys(FILTERS) as Filter[])),
        kernel: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 3 }),
        padding: fc.integer({ min: 0, max: 2 }),
        dilation: fc.integer({ min: 1, max: 3 }),
      })
      .filter(({ kernel, dilation, padding }) => dilation * (kernel - 1) + 1 <= 6 + 2 * padding);
    fc.assert(
      fc.property(settings, fc.nat(), (asked, place) => {
        const walked = walk(asked);
        const at = place % walked.y.data.length;
        const terms = termsOf(walked, at);
        expect(sourcesOf(asked, at).map((i) => walked.image.data[i])).toEqual(terms.map(([x]) => x));
        const sum = terms.reduce((total, [x, w]) => total + x * w, 0);
        expect(Math.abs(sum - walked.y.data[at])).toBeLessThan(1e-5);
      }),
    );
  });
});

describe("a drawing", () => {
  const strokes = fc.array(
    fc.array(fc.tuple(fc.integer({ min: 0, max: EDGE }), fc.integer({ min: 0, max: EDGE })), {
      minLength: 1,
      maxLength: 9,
    }),
    { minLength: 1, maxLength: 5 },
  );

  it("comes back from an address as it was", () => {
    fc.assert(
      fc.property(strokes, (drawn) => {
        expect(readStrokes(writeStrokes(drawn))).toEqual(drawn);
      }),
    );
    expect(readStrokes("")).toEqual([]);
    expect(readStrokes("10203-1020--304x5060")).toEqual([[[10, 20]], [[10, 20]]]);
    expect(readStrokes("1020".repeat(1000)).flat()).toHaveLength(400);
  });

  it("lies in the middle of the image, wherever it was drawn", () => {
    fc.assert(
      fc.property(strokes, (drawn) => {
        const pixels = pixelsOf(drawn) as Float32Array;
        const ink = pixels.reduce((sum, x) => sum + x, 0);
        const mean = (of: (i: number) => number) =>
          pixels.reduce((sum, x, i) => sum + x * (of(i) + 0.5), 0) / ink;
        expect(Math.abs(mean((i) => i % SIDE) - SIDE / 2)).toBeLessThan(0.7);
        expect(Math.abs(mean((i) => Math.floor(i / SIDE)) - SIDE / 2)).toBeLessThan(0.7);
        expect(pixels.every((x) => x >= 0 && x <= 1)).toBe(true);
      }),
    );
    const moved = readStrokes(FIRST_INK).map((stroke) => stroke.map(([x, y]): Point => [x + 9, y - 9]));
    const [a, b] = [pixelsOf(readStrokes(FIRST_INK)), pixelsOf(moved)] as [Float32Array, Float32Array];
    for (const [i, x] of a.entries()) expect(Math.abs(x - b[i])).toBeLessThan(1e-5);
    expect(pixelsOf([])).toBe(null);
  });
});
