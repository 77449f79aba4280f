import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray, randn, recordAll, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { Linear } from "../03-layers/index.ts";
import type { InputOptions } from "./inputs.ts";
import { QuantizedLinear } from "./linear.ts";

describe("QuantizedLinear", () => {
  it("is the formula, by plain loops", () => {
    const random = new Random(1);
    const linear = new Linear(20, 6, { random });
    const layer = new QuantizedLinear(linear);
    const x = randn([3, 20], { random });
    expect([...layer.forward(x).data]).toEqual(byLoops(layer, x, 127));
  });

  it("stays near the layer in float32", () => {
    const random = new Random(2);
    const linear = new Linear(300, 40, { random });
    const x = randn([5, 300], { random });
    const truth = linear.forward(x).detach();
    for (const bits of [7, 8] as const) {
      const off = new QuantizedLinear(linear, { bits }).forward(x).sub(truth);
      const relative = off.square().mean().sqrt().item() / truth.square().mean().sqrt().item();
      expect(relative).toBeLessThan(bits === 7 ? 0.02 : 0.015);
      expect(relative).toBeGreaterThan(0.001);
    }
  });

  it("computes at once what an exporter sees in steps, bit for bit", () => {
    const sizes = fc.record({ rows: fc.integer({ min: 0, max: 9 }), inputs: size, outputs: size });
    fc.assert(
      fc.property(sizes, settings, fc.nat(), ({ rows, inputs, outputs }, { bias, ...options }, seed) => {
        const random = new Random(seed);
        const layer = new QuantizedLinear(new Linear(inputs, outputs, { bias, random }), options);
        const x = randn([rows, inputs], { random }).mul(2);
        expect([...layer.forward(x).data]).toEqual([...recordAll(() => layer.forward(x)).data]);
      }),
      { numRuns: 40 },
    );
  });

  it("gives a row the same bits alone and among others", () => {
    const random = new Random(3);
    const layer = new QuantizedLinear(new Linear(33, 17, { random }));
    const x = randn([9, 33], { random });
    const whole = layer.forward(x);
    for (let r = 0; r < 9; r++)
      expect([...layer.forward(x.narrow(0, r, 1)).data]).toEqual([...whole.select(0, r).data]);
  });

  it("takes any leading dims, and views", () => {
    const random = new Random(4);
    const layer = new QuantizedLinear(new Linear(6, 4, { bias: false, random }));
    const x = randn([6, 2, 3], { random }).permute(1, 2, 0);
    const y = layer.forward(x);
    expect(y.shape).toEqual([2, 3, 4]);
    expect([...y.data]).toEqual([...layer.forward(x.reshape(6, 6)).data]);
  });

  it("lets NaN through, to its own row only", () => {
    for (const range of [null, { low: -3, high: 3 }]) {
      const layer = new QuantizedLinear(new Linear(2, 3, { random: new Random(5) }), { range });
      const y = layer.forward(tensor([[1, 2], [NaN, 1], [0, 0]])); // biome-ignore format: a matrix
      expect([...y.isNaN().any(1).to("int32").data]).toEqual([0, 1, 0]);
    }
  });

  it("holds weights of 8 bits, and nothing to train", () => {
    const layer = new QuantizedLinear(new Linear(5, 2), { bits: 8, range: { low: 0, high: 2 } });
    expect(layer.parameters()).toEqual([]);
    const state = layer.stateDict();
    expect(Object.entries(state).map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape}`)).toEqual([
      "weight int8 2,5",
      "scale float32 2",
      "sums int32 2",
      "bias float32 2",
      "input.scale float32 1",
      "input.zero uint8 1",
    ]);
    const other = new QuantizedLinear(new Linear(5, 2), { bits: 8, range: { low: -1, high: 1 } });
    other.loadStateDict(state);
    const x = randn([3, 5]);
    expect([...other.forward(x).data]).toEqual([...layer.forward(x).data]);
    expect(String(layer)).toContain("QuantizedLinear(5 → 2, 8 bits, calibrated)");
  });

  it("refuses inputs and weights that do not fit", () => {
    const layer = new QuantizedLinear(new Linear(3, 2));
    expect(() => layer.forward(zeros([2, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: QuantizedLinear(3 → 2): expected input [..., 3], got [2, 4]]`,
    );
    expect(() => layer.forward(zeros([2, 3], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: QuantizedLinear(3 → 2): input int32, scales float32 — both must be float32; use x.to("float32") or model.to("float32")]`,
    );
    const broken = new Linear(2, 1);
    broken.weight.assign([1, NaN]);
    expect(() => new QuantizedLinear(broken)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: QuantizedLinear(2 → 1): NaN at element 1 of [1, 2] — only finite numbers have a nearest integer; look for where it came from with detectAnomaly]`,
    );
    const given = (options: InputOptions) => () => new QuantizedLinear(new Linear(2, 1), options);
    expect(given({ bits: 4 as 7 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: QuantizedLinear(2 → 1): bits 4 — inputs are integers of 7 or 8 bits]`,
    );
    expect(given({ range: { low: 0, high: Infinity } })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: QuantizedLinear(2 → 1): range 0 … Infinity — an input ranges over finite numbers, not all 0]`,
    );
    const long = { weight: new Linear(65_001, 1).weight, bias: null };
    expect(() => new QuantizedLinear(long)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: QuantizedLinear(65001 → 1): 65001 inputs — sums of at most 65000 products of bytes fit in 32 bits]`,
    );
  });
});

const size = fc.integer({ min: 1, max: 40 });
const settings = fc.record({
  bits: fc.constantFrom(7, 8 as const),
  bias: fc.boolean(),
  range: fc.constantFrom(null, { low: -1, high: 2.5 }, { low: 0, high: 1 }),
});

/** Every step as it is written in the docs, rounded to float32. */
function byLoops(layer: QuantizedLinear, x: Tensor, high: number): number[] {
  const [out, inputs] = layer.weight.shape;
  const w = layer.weight.toArray() as number[][];
  const f = Math.fround;
  return (x.toArray() as number[][]).flatMap((row) => {
    const [low, top] = [Math.min(0, ...row), Math.max(0, ...row)];
    const s = f(f(top - low) / high);
    const round = (v: number) => fromArray(Float32Array.of(v), [1]).round().item();
    const z = round(f(-low / s));
    const q = row.map((v) => Math.min(Math.max(round(f(v / s)) + z, 0), high));
    return Array.from({ length: out }, (_, o) => {
      let sum = 0;
      for (let p = 0; p < inputs; p++) sum += (q[p] - z) * w[o][p];
      return f(f(f(sum) * f(s * layer.scale.data[o])) + (layer.bias?.data[o] ?? 0));
    });
  });
}
