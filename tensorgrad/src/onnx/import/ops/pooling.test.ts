import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scope } from "../../../00-runtime/index.ts";
import { randn } from "../../../01-tensor/index.ts";
import type { Module } from "../../../03-layers/index.ts";
import { AvgPool2d, MaxPool2d } from "../../../09-spatial/index.ts";
import { exportOnnx } from "../../export/export.ts";
import { importOnnx } from "../import.ts";

/** No window of these is larger. */
const size = fc.integer({ min: 7, max: 12 });
const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const half = (kernel: number) => fc.integer({ min: 0, max: Math.floor(kernel / 2) });
/** Padding is at most half of a window. */
const windows = pair(1, 4).chain((kernel) =>
  fc.record({
    kernel: fc.constant(kernel),
    stride: pair(1, 3),
    padding: fc.tuple(half(kernel[0]), half(kernel[1])),
    ceilMode: fc.boolean(),
  }),
);

function expectSame(model: Module, image: readonly [number, number]): void {
  using _ = scope();
  const x = randn([2, 3, ...image]);
  const [expected, found] = [model, importOnnx(exportOnnx(model, x))].map((one) => one.forward(x));
  expect(found.shape).toEqual(expected.shape);
  for (const [i, y] of expected.data.entries()) expect(found.data[i]).toBeCloseTo(y, 5);
}

describe("an exported pooling, imported again", () => {
  it("gives the maxima of any windows, dilated and rounded up, too", () => {
    fc.assert(
      fc.property(windows, pair(1, 2), size, size, ({ kernel, ...options }, dilation, h, w) =>
        expectSame(new MaxPool2d(kernel, { ...options, dilation }), [h, w]),
      ),
      { numRuns: 60 },
    );
  });

  it("gives the averages, whether padding counts or not", () => {
    fc.assert(
      fc.property(windows, fc.boolean(), size, size, ({ kernel, ...options }, countIncludePad, h, w) =>
        expectSame(new AvgPool2d(kernel, { ...options, countIncludePad }), [h, w]),
      ),
      { numRuns: 60 },
    );
  });
});
