import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, tensor } from "../01-tensor/index.ts";
import { Hardtanh, hardtanh } from "./index.ts";

describe("hardtanh", () => {
  const x = tensor([-Infinity, -2, -1, 0.5, 1, 2, NaN], { dtype: "float64", requiresGrad: true });

  it("is the identity between −1 and 1, and flat beyond; nothing passes at the bounds, as in PyTorch", () => {
    expect([...hardtanh(x).data]).toEqual([-1, -1, -1, 0.5, 1, 1, NaN]);
    expect([...grad(hardtanh(x).sum(), [x])[0].data]).toEqual([0, 0, 0, 1, 0, 0, 1]);
  });

  it("takes other bounds", () => {
    const layer = new Hardtanh({ minVal: 0, maxVal: 2 });
    expect(layer.forward(tensor([-1, 1.5, 3])).toArray()).toEqual([0, 1.5, 2]);
    expect(String(layer)).toBe("Hardtanh(minVal: 0, maxVal: 2)");
    expect(String(new Hardtanh())).toBe("Hardtanh(minVal: -1, maxVal: 1)");
  });

  it("refuses bounds that hold nothing", () => {
    expect(() => hardtanh(ones([1]), { minVal: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: hardtanh: from minVal = 1 to maxVal = 1 — the first must be below the second]`,
    );
    expect(() => new Hardtanh({ maxVal: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Hardtanh: maxVal = NaN — a finite number]`,
    );
  });
});
