import { describe, expect, it } from "vitest";
import { agreement, concatenated, equalPredictions } from "./agreement.ts";

const floats = (...data: number[]) => ({
  dtype: "float32" as const,
  shape: [data.length],
  data: Float32Array.from(data),
});
const doubles = (...data: number[]) => ({
  dtype: "float64" as const,
  shape: [data.length],
  data: Float64Array.from(data),
});

describe("agreement", () => {
  it("counts the floats between two numbers", () => {
    expect(agreement(floats(1), floats(1 + 2 ** -23)).maxUlp).toBe(1);
    expect(agreement(floats(1), floats(1 - 2 ** -24)).maxUlp).toBe(1);
    expect(agreement(floats(-(2 ** -149)), floats(2 ** -149)).maxUlp).toBe(2);
    expect(agreement(doubles(1), doubles(1 + 2 ** -52)).maxUlp).toBe(1);
    expect(agreement(floats(0), floats(-0)).maxUlp).toBe(0);
  });

  it("measures in float32 as soon as one side is float32", () => {
    expect(agreement(floats(1), doubles(1 + 2 ** -23)).maxUlp).toBe(1);
  });

  it("finds the worst element and the median", () => {
    const a = { ...floats(1, 2, 3, 4), shape: [2, 2] };
    const b = { ...floats(1, 2, 3.5, 4), shape: [2, 2] };
    const { maxAbs, maxRel, medianUlp, worst } = agreement(a, b);
    expect({ maxAbs, maxRel, medianUlp }).toEqual({ maxAbs: 0.5, maxRel: 0.5 / 3.5, medianUlp: 0 });
    expect(worst).toEqual({ index: [1, 0], a: 3, b: 3.5 });
  });

  it("takes equal infinities and NaN for equal, and nothing else", () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    expect(agreement(floats(nan, inf, -inf), floats(nan, inf, -inf)).maxAbs).toBe(0);
    expect(agreement(floats(nan), floats(1)).maxAbs).toBe(inf);
    expect(agreement(floats(inf), floats(3e38)).maxUlp).toBe(inf);
  });

  it("finds empty arrays equal", () => {
    expect(agreement(floats(), floats())).toMatchObject({ size: 0, maxAbs: 0, medianUlp: 0, worst: null });
  });

  it("compares integers by value", () => {
    const int64s = { dtype: "int64" as const, shape: [2], data: BigInt64Array.of(1n, 2n) };
    expect(agreement({ dtype: "int32", shape: [2], data: Int32Array.of(1, 5) }, int64s).maxAbs).toBe(3);
  });
});

describe("equalPredictions", () => {
  it("counts rows with their largest element at the same place", () => {
    const a = { ...floats(1, 2, 4, 3), shape: [2, 2] };
    const b = { ...floats(1, 2, 3, 4), shape: [2, 2] };
    expect(equalPredictions(a, b)).toEqual({ equal: 1, total: 2 });
    expect(equalPredictions(floats(1), floats(1))).toBe(null);
  });
});

describe("concatenated", () => {
  it("puts arrays end to end along dim 0", () => {
    const rows = concatenated([
      { ...floats(1, 2), shape: [1, 2] },
      { ...floats(3, 4, 5, 6), shape: [2, 2] },
    ]);
    expect(rows).toEqual({ ...floats(1, 2, 3, 4, 5, 6), shape: [3, 2] });
  });
});
