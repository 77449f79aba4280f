import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { tensor } from "../01-tensor/index.ts";
import { Mish, mish } from "./index.ts";

const float64 = { dtype: "float64", requiresGrad: true } as const;

describe("mish", () => {
  // softplus(0) = ln 2 and tanh(ln 2) = 3/5; the second term of the derivative is 0 there.
  it("is 0 at 0 with slope 3/5, by hand", () => {
    const x = tensor([0], float64);
    expect(mish(x).item()).toBe(0);
    expect(grad(mish(x), [x])[0].item()).toBeCloseTo(0.6, 15);
  });

  // e^x = 2: softplus = ln 3, tanh(ln 3) = 4/5.
  it("is 4/5·ln 2 at ln 2, the identity far above 0, and 0 far below", () => {
    const [y, high, low] = mish(tensor([Math.LN2, 1000, -1000], float64)).data;
    expect(y).toBeCloseTo(0.8 * Math.LN2, 15);
    expect([high, low + 0]).toEqual([1000, 0]);
  });

  it("dips to −0.3088 at about −1.19 before it vanishes", () => {
    const x = tensor(
      Array.from({ length: 400 }, (_, i) => -i / 100),
      float64,
    );
    expect(mish(x).min().item()).toBeCloseTo(-0.3088, 4);
    expect(mish(x).argmin().item()).toBe(119);
  });

  it("is a layer", () => {
    const x = tensor([-1, 0, 2]);
    expect(new Mish().forward(x).toArray()).toEqual(mish(x).toArray());
    expect(String(new Mish())).toBe("Mish()");
  });
});
