import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { differences, distance, leaf, wave } from "../../tests/gradients.fixture.ts";
import { heap, manualSeed, Random, scope } from "../00-runtime/index.ts";
import { fromArray, ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { roundings } from "../agreement/roundings.ts";
import { init, Linear, linear } from "./index.ts";

const float64 = { dtype: "float64" } as const;

describe("linear", () => {
  it("is x·wᵀ + b", () => {
    const w = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    // [1, −1] · [1, 2] = −1, and so for each output
    expect(linear(tensor([[1, -1]]), w, tensor([10, 20, 30])).toArray()).toEqual([[9, 19, 29]]);
    expect(linear(tensor([[1, -1]]), w).toArray()).toEqual([[-1, -1, -1]]);
  });

  it("takes any number of leading dims, none and empty ones included", () => {
    const layer = new Linear(2, 3);
    const x = fromArray([...Array(24).keys()], [3, 4, 2]);
    const rows = layer.forward(x.reshape(12, 2));
    expect(layer.forward(x).toArray()).toEqual(rows.reshape(3, 4, 3).toArray());
    expect(layer.forward(x.select(0, 0).select(0, 1)).toArray()).toEqual(rows.select(0, 1).toArray());
    expect(layer.forward(zeros([0, 2])).shape).toEqual([0, 3]);
    expect(layer.forward(zeros([2, 0, 2])).shape).toEqual([2, 0, 3]);
  });

  it("equals matmul and add on views of any strides", () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (rows, inputs, outputs, transposed) => {
        const stored = (n: number, m: number, phase: number) =>
          transposed ? wave([m, n], phase).to("float32").t() : wave([n, m], phase).to("float32");
        const [x, w, b] = [
          stored(rows, inputs, 1),
          stored(outputs, inputs, 2),
          wave([outputs], 3).to("float32"),
        ];
        // Numbers of `wave` are up to 2: so many products of up to 4.
        const steps = x.matmul(w.t()).add(b);
        expect(roundings(linear(x, w, b).data, steps.data, "float32", 4 * inputs)).toBeLessThan(2);
      }),
      { numRuns: 50 },
    );
  });

  it("says what to do with images", () => {
    const layer = new Linear(784, 128);
    expect(() => layer.forward(zeros([32, 28, 28]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Linear(784 → 128): expected input [..., 784], got [32, 28, 28]; flatten the image first: x.flatten(1)]`,
    );
  });

  it("names the shape it expects", () => {
    expect(() => new Linear(3, 2).forward(zeros([4, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Linear(3 → 2): expected input [..., 3], got [4, 5]]`,
    );
    expect(() => new Linear(1, 2).forward(zeros([5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Linear(1 → 2): expected input [..., 1], got [5]]`,
    );
    expect(() => new Linear(1, 2).forward(zeros([]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Linear(1 → 2): expected input [..., 1], got []]`,
    );
  });

  it("wants input and weights of one dtype", () => {
    expect(() => new Linear(3, 2).forward(zeros([1, 3], float64))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Linear(3 → 2): input float64, weights float32 — both must be the same; use x.to("float32") or model.to("float64")]`,
    );
    expect(() => new Linear(3, 2).forward(zeros([1, 3], { dtype: "int32" }))).toThrow(
      "input int32, weights float32",
    );
  });

  it("wants a tensor", () => {
    const forward = (x: unknown) => () => new Linear(2, 1).forward(x as Tensor);
    expect(forward([[1, 2]])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Linear(2 → 1): input is a list — expected a tensor [..., 2]; make one with tensor(…)]`,
    );
    expect(forward(undefined)).toThrowError("Linear(2 → 1): input is undefined");
    expect(forward(tensor([[1, 2]], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Linear(2 → 1): input int32, weights float32 — both must be the same; use x.to("float32")]`,
    );
  });

  it("gives the bias where there are no inputs", () => {
    const y = new Linear(0, 2).forward(zeros([3, 4, 0]));
    expect(y.shape).toEqual([3, 4, 2]);
  });

  it("wants one bias per output", () => {
    const [x, w] = [zeros([1, 2]), zeros([3, 2])];
    expect(() => linear(x, w, zeros([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Linear(2 → 3): bias [2] for weight [3, 2] — one number per output, [3]]`,
    );
    expect(() => linear(x, w, zeros([3], float64))).toThrow("input float32, weights float32, bias float64");
  });
});

describe("the gradient of linear", () => {
  const [x, w, b] = [wave([4, 3], 1), wave([2, 3], 2), wave([2], 3)];
  const v = wave([4, 2], 4);
  const f = (inputs: readonly Tensor[]) => linear(inputs[0], inputs[1], inputs[2]).mul(v).sum();

  it("sums over rows: by hand for g = 1", () => {
    const layer = new Linear(2, 1);
    layer.weight.assign([5, 7]);
    const x = leaf(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
    layer.forward(x).sum().backward();
    expect(layer.weight.grad?.toArray()).toEqual([[9, 12]]);
    expect(layer.bias?.grad?.toArray()).toEqual([3]);
    expect(x.grad?.toArray()).toEqual([
      [5, 7],
      [5, 7],
      [5, 7],
    ]);
  });

  it("is the slope for x, w and b, with and without a graph", () => {
    const inputs = [x, w, b].map(leaf);
    f(inputs).backward();
    const recorded = grad(f(inputs), inputs, { createGraph: true });
    [x, w, b].forEach((data, i) => {
      const slopes = differences((moved) => f([x, w, b].with(i, moved)).item(), data);
      expect(distance(recorded[i], slopes)).toBeLessThan(1e-9);
      expect((inputs[i].grad as Tensor).toArray()).toEqual(recorded[i].toArray());
    });
  });

  it("has a gradient in turn, and a symmetric Hessian", () => {
    // Second derivatives of Σ v·linear(x, w, b)² along two directions.
    const inputs = [x, w, b].map(leaf);
    const [p, q] = [1, 2].map((phase) => inputs.map((t, i) => wave(t.shape, 10 * phase + i)));
    const along = (u: readonly Tensor[], at: readonly Tensor[]) => {
      const y = linear(at[0], at[1], at[2]).square().mul(v).sum();
      return grad(y, at, { createGraph: true }).reduce(
        (sum, g, i) => sum.add(g.mul(u[i]).sum()),
        tensor(0, float64),
      );
    };
    const hessianTimes = (u: readonly Tensor[]) => grad(along(u, inputs), inputs);
    const [hp, hq] = [hessianTimes(p), hessianTimes(q)];
    expect(dot(q, hp)).toBeCloseTo(dot(p, hq), 10);
    hp.forEach((h, i) => {
      const slopes = differences(
        (moved) => along(p, inputs.map(leaf).with(i, leaf(moved))).item(),
        inputs[i].detach(),
      );
      expect(distance(h, slopes)).toBeLessThan(1e-7);
    });
  });

  it("adds up when the same weights serve twice", () => {
    const square = wave([3, 3], 5);
    const twice = (w: Tensor) =>
      linear(linear(x, w), w)
        .mul(wave([4, 3], 6))
        .sum();
    const shared = leaf(square);
    twice(shared).backward();
    expect(
      distance(
        shared.grad as Tensor,
        differences((w) => twice(w).item(), square),
      ),
    ).toBeLessThan(1e-8);
  });

  it("is the same in float32 up to rounding, for batches of sequences too", () => {
    const inputs = [wave([2, 5, 3], 1), w, b].map(leaf);
    const inputs32 = inputs.map((t) => leaf(t.to("float32")));
    for (const [x, w, b] of [inputs, inputs32]) linear(x, w, b).square().sum().backward();
    inputs.forEach((t, i) => {
      expect(distance(inputs32[i].grad as Tensor, (t.grad as Tensor).data)).toBeLessThan(2e-5);
    });
  });

  it("is 0 for an empty batch", () => {
    const layer = new Linear(2, 3);
    layer
      .forward(zeros([0, 2]))
      .sum()
      .backward();
    expect(layer.weight.grad?.toArray()).toEqual(zeros([3, 2]).toArray());
    expect(layer.bias?.grad?.toArray()).toEqual([0, 0, 0]);
  });
});

describe("Linear", () => {
  it("starts uniform in ±1/√in, weight and bias, as PyTorch does", () => {
    for (const inputs of [1, 4, 100]) {
      const { weight, bias } = new Linear(inputs, 2000, { random: new Random(inputs) });
      for (const values of [weight, bias as Tensor]) {
        const bound = 1 / Math.sqrt(inputs);
        expect(values.abs().max().item()).toBeLessThanOrEqual(Math.fround(bound));
        expect(values.min().item()).toBeLessThan(-0.99 * bound);
        expect(values.max().item()).toBeGreaterThan(0.99 * bound);
        // A uniform variable in ±b has variance b²/3; its mean over n draws deviates by b/√(3n).
        expect(Math.abs(values.mean().item())).toBeLessThan((4 * bound) / Math.sqrt(3 * values.size));
      }
    }
  });

  it("starts with the weights of PyTorch's reset_parameters: Kaiming's uniform scheme with a = √5", () => {
    const { weight } = new Linear(7, 5, { random: new Random(3) });
    const expected = init.kaimingUniform(zeros([5, 7]), { a: Math.sqrt(5), random: new Random(3) });
    expect(distance(weight, expected.data)).toBeLessThan(1e-7);
  });

  it("refuses sizes that are no whole numbers", () => {
    expect(() => new Linear(-1, 3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Linear(-1 → 3): sizes must be whole numbers, 0 or more]`,
    );
    for (const wrong of [2.5, NaN, undefined as unknown as number])
      expect(() => new Linear(3, wrong)).toThrow("sizes must be whole numbers");
  });

  it("starts the same for the same seed, and otherwise differently", () => {
    const numbers = (layer: Linear) => [...layer.weight.data, ...(layer.bias as Tensor).data];
    const seeded = (seed: number) => {
      manualSeed(seed);
      return numbers(new Linear(3, 4));
    };
    expect(seeded(7)).toEqual(seeded(7));
    expect(seeded(7)).not.toEqual(seeded(8));
    expect(numbers(new Linear(3, 4, { random: new Random(7) }))).toEqual(seeded(7));
  });

  it("has shapes [out, in] and [out]; the bias can be left out", () => {
    const { weight, bias } = new Linear(3, 4);
    expect([weight.shape, bias?.shape]).toEqual([[4, 3], [4]]);
    const plain = new Linear(3, 4, { bias: false });
    expect(plain.bias).toBeNull();
    expect(plain.parameters()).toHaveLength(1);
    expect([String(new Linear(3, 4)), String(plain)]).toEqual([
      "Linear(3 → 4) — 16 parameters: weight [4, 3], bias [4]",
      "Linear(3 → 4, bias: false) — 12 parameters: weight [4, 3]",
    ]);
  });

  it("keeps its parameters and gradients out of the scope of a step, and nothing else", () => {
    const layer = new Linear(8, 8);
    const step = () => {
      using _ = scope();
      layer
        .forward(ones([4, 8]))
        .sum()
        .backward();
    };
    step();
    const before = heap.live;
    step();
    expect(heap.live).toBe(before);
    expect(layer.bias?.grad?.toArray()).toEqual(Array(8).fill(8));
  });
});

const dot = (a: readonly Tensor[], b: readonly Tensor[]): number =>
  a.reduce((sum, x, i) => sum + x.mul(b[i]).sum().item(), 0);
