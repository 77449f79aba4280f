import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { full, tensor, zeros } from "../01-tensor/index.ts";
import { dequantize, type Quantized, quantizeInt8 } from "./affine.ts";

describe("quantizeInt8", () => {
  it("divides the range symmetrically into 2·127 steps", () => {
    const { q, scale, zeroPoint } = quantizeInt8(tensor([-1, -0.5, 0, 0.25, 127 / 127]));
    expect([scale, zeroPoint, q.dtype]).toEqual([Math.fround(1 / 127), 0, "int8"]);
    expect([...q.data]).toEqual([-127, -64, 0, 32, 127]); // 63.5 and 31.75: halves go to the even integer
  });

  it("divides the range from the smallest to the largest into 255 steps, and 0 is one of them", () => {
    const { q, scale, zeroPoint } = quantizeInt8(tensor([0, 51, 255]), { scheme: "affine" });
    expect({ q: [...q.data], scale, zeroPoint }).toEqual({ q: [-128, -77, 127], scale: 1, zeroPoint: -128 });
    const shifted = quantizeInt8(tensor([-55, 0, 200]), { scheme: "affine" });
    expect([[...shifted.q.data], shifted.zeroPoint]).toEqual([[-128, -73, 127], -73]);
  });

  it("gives every index of a dim a scale of its own", () => {
    const t = tensor([
      [127, -1],
      [254, 0],
      [0, 0],
    ]);
    const { q, scale, zeroPoint, dim } = quantizeInt8(t, { dim: 0 });
    expect([q.toArray(), scale.toArray(), zeroPoint.toArray(), dim]).toEqual([
      [
        [127, -1],
        [127, 0],
        [0, 0],
      ],
      [1, 2, 1],
      [0, 0, 0],
      0,
    ]);
    expect(quantizeInt8(t, { dim: -1 }).scale.toArray()).toEqual([2, Math.fround(1 / 127)]);
  });

  it("is off by half a step at most, in every scheme, along every dim, for numbers of every size", () => {
    const options = fc.record({
      scheme: fc.constantFrom("symmetric", "affine" as const),
      dim: fc.constantFrom(undefined, 0, 1),
    });
    fc.assert(
      fc.property(rows, options, (values, { scheme, dim }) => {
        const t = tensor(values);
        if (dim === undefined && new Set(t.data).size < 2) return;
        const made: Quantized =
          dim === undefined ? quantizeInt8(t, { scheme }) : quantizeInt8(t, { scheme, dim });
        const back = dequantize(made).data;
        const width = t.shape[1];
        t.data.forEach((value, i) => {
          const part = dim === 0 ? Math.floor(i / width) : i % width;
          const scale = typeof made.scale === "number" ? made.scale : made.scale.data[part];
          const rounding = 4 * 2 ** -24 * Math.abs(value) + 2 ** -149;
          expect(Math.abs(back[i] - value)).toBeLessThanOrEqual(
            scale / 2 + rounding + 256 * 2 ** -24 * scale,
          );
        });
      }),
    );
  });

  it("refuses what has no nearest integer, or no range", () => {
    const call = (t: Parameters<typeof quantizeInt8>[0]) => () => quantizeInt8(t);
    expect(call(tensor([[1, NaN]]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeInt8: NaN at element 1 of [1, 2] — only finite numbers have a nearest integer; look for where it came from with detectAnomaly]`,
    );
    expect(call(tensor([1, -Infinity]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeInt8: -Infinity at element 1 of [2] — only finite numbers have a nearest integer; look for where it came from with detectAnomaly]`,
    );
    expect(call(full([2, 3], 0.5))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeInt8: all elements of [2, 3] are 0.5 — a constant has no range to divide into steps; keep the number itself, or give { dim } for a scale per part]`,
    );
    expect(call(zeros([0, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeInt8: a tensor [0, 3] without elements — there is no range to divide]`,
    );
    expect(call(tensor([1, 2], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: quantizeInt8: a tensor of dtype int32 — only float32 and float64 are quantized]`,
    );
    expect(() =>
      quantizeInt8(tensor([1, 2]), { scheme: "log" as "affine" }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeInt8: scheme "log" — "symmetric" or "affine"]`,
    );
  });
});

/** Numbers of every size, subnormal ones included. */
const number = fc.oneof(
  fc.float({ noNaN: true, min: Math.fround(-1e38), max: Math.fround(1e38) }), // half a step more is still finite
  fc.float({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(0, 1e-45, -3e-44),
);
const rows = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }))
  .chain(([n, m]) =>
    fc.array(fc.array(number, { minLength: m, maxLength: m }), { minLength: n, maxLength: n }),
  );
