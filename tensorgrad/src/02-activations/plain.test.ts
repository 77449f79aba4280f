import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../01-tensor/index.ts";
import {
  type Activation,
  Hardsigmoid,
  Hardswish,
  hardsigmoid,
  hardswish,
  LogSigmoid,
  logsigmoid,
  Mish,
  mish,
  ReLU6,
  relu6,
  SELU,
  Softsign,
  selu,
  softsign,
} from "./index.ts";

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

const { E, LN2 } = Math;
const SELU_LIMIT = 1.0507009873554805 * 1.6732632423543772;

interface Row {
  readonly layer: Activation;
  readonly f: (x: Tensor) => Tensor;
  /** By hand: x, f(x), f′(x); at kinks, the slope that PyTorch takes. */
  readonly points: readonly (readonly [x: number, y: number, slope: number])[];
}

const table: readonly Row[] = [
  {
    layer: new LogSigmoid(),
    f: logsigmoid, // 1 + e^(ln 3) = 4
    points: [
      [0, -LN2, 0.5],
      [Math.log(3), Math.log(3 / 4), 0.25],
      [-1000, -1000, 1],
      [1000, 0, 0],
      [-Infinity, -Infinity, 1],
    ],
  },
  {
    layer: new Softsign(),
    f: softsign,
    points: [
      [0, 0, 1],
      [-2, -2 / 3, 1 / 9],
      [1e300, 1, 0],
      [Infinity, NaN, NaN], // ∞/∞
    ],
  },
  {
    layer: new ReLU6(),
    f: relu6,
    points: [
      [-1, 0, 0],
      [0, 0, 0],
      [3, 3, 1],
      [6, 6, 0],
      [Infinity, 6, 0],
    ],
  },
  {
    layer: new SELU(),
    f: selu,
    points: [
      [-1, SELU_LIMIT * (1 / E - 1), SELU_LIMIT / E],
      [0, 0, SELU_LIMIT],
      [2, 2 * 1.0507009873554805, 1.0507009873554805],
      [-Infinity, -SELU_LIMIT, 0],
      [1000, 1050.7009873554805, 1.0507009873554805],
    ],
  },
  {
    layer: new Hardsigmoid(),
    f: hardsigmoid,
    points: [
      [-3, 0, 0],
      [-1.5, 0.25, 1 / 6],
      [0, 0.5, 1 / 6],
      [3, 1, 0],
      [Infinity, 1, 0],
      [-Infinity, 0, 0],
    ],
  },
  {
    layer: new Hardswish(),
    f: hardswish,
    points: [
      [-4, 0, 0],
      [-3, 0, -0.5],
      [0, 0, 0.5],
      [3, 3, 1.5],
      [4, 4, 1],
      [1e300, 1e300, 1],
    ],
  },
];

for (const { layer, f, points } of table) {
  describe(String(layer), () => {
    const x = tensor(
      points.map(([x]) => x),
      float64,
    );
    const near = (values: readonly number[]) =>
      values.map((y) => (Number.isFinite(y) ? expect.closeTo(y, 14 - Math.log10(Math.abs(y) + 1)) : y));

    it("has the values and slopes computed by hand", () => {
      expect([...f(x).data].map((y) => y + 0)).toEqual(near(points.map(([, y]) => y)));
      for (const createGraph of [false, true]) {
        const [slopes] = grad(f(x).sum(), [x], { createGraph });
        expect([...slopes.data].map((y) => y + 0)).toEqual(near(points.map(([, , slope]) => slope)));
      }
    });

    it("keeps NaN, and is a layer that calls the function", () => {
      expect(f(tensor([NaN])).item()).toBeNaN();
      const finite = tensor([-4, -0.5, 0.5, 7]);
      expect(layer.forward(finite).toArray()).toEqual(f(finite).toArray());
      expect(f(finite.round().to("int32")).dtype).toBe("float32");
    });
  });
}

describe("hardsigmoid", () => {
  it("equals min(max(x/6 + ½, 0), 1), number by number", () => {
    const values = Array.from({ length: 161 }, (_, i) => i / 16 - 5);
    const expected = values.map((x) => Math.min(Math.max(x / 6 + 0.5, 0), 1));
    expect([...hardsigmoid(tensor(values, { dtype: "float64" })).data]).toEqual(expected);
  });
});
