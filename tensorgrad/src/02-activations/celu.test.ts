import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, tensor } from "../01-tensor/index.ts";
import { CELU, celu, elu } from "./index.ts";

describe("celu", () => {
  const x = tensor([-Infinity, -1, 0, 2, 1e300, NaN], { dtype: "float64", requiresGrad: true });

  it("levels off at −α, with slope 1 at 0 from both sides (numbers of PyTorch 1.13)", () => {
    const y = celu(x, { alpha: 2 });
    expect([...y.data]).toEqual([-2, expect.closeTo(-0.7869386805747332, 14), 0, 2, 1e300, NaN]);
    const [slopes] = grad(y.sum(), [x]);
    expect([...slopes.data].slice(0, 5)).toEqual([0, expect.closeTo(0.6065306597126334, 14), 1, 1, 1]);
  });

  it("is elu with α = 1", () => {
    expect(celu(x).toArray()).toEqual(elu(x).toArray());
    expect(new CELU({ alpha: 2 }).forward(x).toArray()).toEqual(celu(x, { alpha: 2 }).toArray());
    expect(String(new CELU())).toBe("CELU(alpha: 1)");
  });

  it("refuses an alpha that is not positive", () => {
    expect(() => celu(ones([1]), { alpha: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: celu: alpha = 0 — a positive, finite number]`,
    );
    expect(() => new CELU({ alpha: Infinity })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CELU: alpha = Infinity — a positive, finite number]`,
    );
  });
});
