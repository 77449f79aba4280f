import { grad, noGrad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { heap, scope } from "../../src/00-runtime/index.ts";
import { Function, randn, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";

const leaf = (data: number[] | number[][]) => tensor(data, { requiresGrad: true, dtype: "float64" });

describe("backward", () => {
  it("follows the chain rule by hand: y = Σ relu(x·w + b)", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const w = leaf([[1], [-1]]);
    const b = leaf([[1.5]]);
    x.matmul(w).add(b).relu().sum().backward(); // x·w = [-1, -1]; both rows are active
    expect(x.grad?.toArray()).toEqual([
      [1, -1],
      [1, -1],
    ]);
    expect(w.grad?.toArray()).toEqual([[4], [6]]);
    expect(b.grad?.toArray()).toEqual([[2]]);
  });

  it("adds up where paths meet: the diamond b = a + a, c = b·b", () => {
    const a = leaf([3]);
    const b = a.add(a);
    b.mul(b).backward(); // c = 4a², dc/da = 8a
    expect(a.grad?.toArray()).toEqual([24]);
  });

  it("accumulates over calls, in place, until zeroGrad", () => {
    const a = leaf([2]);
    a.mul(3).backward();
    const first = a.grad;
    a.mul(4).backward();
    expect(a.grad).toBe(first);
    expect(a.grad?.toArray()).toEqual([7]);
    a.zeroGrad();
    expect(a.grad).toBeNull();
  });

  it("never lets two leaves, or the caller, share a gradient", () => {
    const [a, b, given] = [leaf([1, 2]), leaf([3, 4]), tensor([1, 1], { dtype: "float64" })];
    a.add(b).backward(given);
    a.mul(1).backward(given);
    expect(a.grad?.toArray()).toEqual([2, 2]);
    expect(b.grad?.toArray()).toEqual([1, 1]);
    expect(given.toArray()).toEqual([1, 1]);
  });

  it("sums over broadcast dims", () => {
    const b = leaf([1, 2, 3]);
    zeros([4, 3], { dtype: "float64" }).add(b).sum().backward();
    expect(b.grad?.toArray()).toEqual([4, 4, 4]);
  });

  it("leaves gradients in leaves only, unless asked", () => {
    const a = leaf([2]);
    const [b, c] = [a.mul(2), a.mul(5).retainGrad()];
    b.mul(c).backward();
    expect(b.grad).toBeNull();
    expect(c.grad?.toArray()).toEqual([4]);
  });

  it("needs a gradient for anything but a single element", () => {
    const x = zeros([32, 10], { requiresGrad: true });
    expect(() => x.mul(2).backward()).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: backward: a gradient is required for a tensor of shape [32, 10]; only a single element has the implicit gradient 1 — reduce with .sum() or .mean(), or pass one of shape [32, 10]]`,
    );
    expect(() => x.mul(2).backward(zeros([10]))).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: backward: a gradient of shape [10] float32 for a tensor of shape [32, 10] float32 — both must be the same]`,
    );
    x.mul(2).backward(zeros([32, 10]).add(1));
    expect(x.grad?.sum().item()).toBe(640);
  });

  it("works once, and says how it works twice", () => {
    const a = leaf([2]);
    const y = a.square().sum();
    y.backward();
    expect(() => y.backward()).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: backward: the graph that led through Reshape was released by an earlier backward — to go through it again, call the first one with { retainGraph: true }]`,
    );
    expect(a.grad?.toArray()).toEqual([4]); // the failed call changed nothing
    const z = a.square().sum();
    z.backward(null, { retainGraph: true });
    z.backward();
    expect(a.grad?.toArray()).toEqual([12]);
  });

  it("refuses tensors that nothing led to", () => {
    expect(() => tensor([1]).backward()).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: backward: a tensor of shape [1] that does not depend on anything with requiresGrad — make its inputs with { requiresGrad: true }, and compute it outside noGrad]`,
    );
    const a = leaf([1]);
    expect(() => noGrad(() => a.mul(2)).backward()).toThrow("does not depend on anything with requiresGrad");
  });

  it("walks a chain of 1,000,000 operations without recursion", () => {
    using _ = scope();
    const a = leaf([1]);
    let y: Tensor = a;
    const zero = tensor([0], { dtype: "float64" });
    for (let i = 0; i < 1_000_000; i++) y = y.add(zero);
    y.backward();
    expect(a.grad?.toArray()).toEqual([1]);
  });

  it("leaves the heap as it found it", () => {
    const w = randn([8, 8], { requiresGrad: true });
    const step = () => {
      using _ = scope();
      w.matmul(w).tanh().mean().backward();
      w.zeroGrad();
    };
    step();
    const live = heap.live;
    for (let i = 0; i < 10; i++) step();
    expect(heap.live).toBe(live);
  });
});

describe("grad", () => {
  it("takes one input as well as a list", () => {
    const x = leaf([3]);
    expect(grad(x.square(), x)[0].toArray()).toEqual([6]);
  });

  it("returns gradients and touches no grad", () => {
    const x = leaf([1, 2, 3]);
    const [g] = grad(x.pow(3).sum(), [x]);
    expect(g.toArray()).toEqual([3, 12, 27]);
    expect(x.grad).toBeNull();
  });

  it("goes on to second and third derivatives with createGraph", () => {
    const x = leaf([2]);
    const [first] = grad(x.pow(4), [x], { createGraph: true });
    const [second] = grad(first, [x], { createGraph: true });
    const [third] = grad(second, [x]);
    expect([first, second, third].map((t) => t.item())).toEqual([32, 48, 48]);
  });

  it("takes several outputs and inner tensors as inputs", () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const [gh, gx] = grad([h.square(), h], [h, x], {
      gradOutputs: [tensor([1, 1], { dtype: "float64" }), tensor([10, 10], { dtype: "float64" })],
    });
    expect(gh.toArray()).toEqual([16, 22]);
    expect(gx.toArray()).toEqual([48, 66]);
  });

  it("says why an input has no gradient", () => {
    const [x, other] = [leaf([1]), leaf([2])];
    expect(() => grad(x.mul(2), [other])).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: grad: input 0 of shape [1] has no gradient: the outputs do not depend on it — pass tensors made with { requiresGrad: true } that were used to compute the outputs, or { allowUnused: true } to get null]`,
    );
    expect(() => grad(x.mul(2), [tensor([1])])).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: grad: input 0 of shape [1] has no gradient: it does not require a gradient — pass tensors made with { requiresGrad: true } that were used to compute the outputs, or { allowUnused: true } to get null]`,
    );
    expect(grad(x.mul(2), [other, x], { allowUnused: true }).map((g) => g?.toArray() ?? null)).toEqual([
      null,
      [2],
    ]);
    expect(grad(tensor([1]), x, { allowUnused: true })).toEqual([null]); // an output that depends on nothing
    expect(() => grad([x, x], [x], { gradOutputs: x })).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: grad: 1 gradOutputs for 2 outputs — one for each is needed]`,
    );
  });
});

describe("noGrad", () => {
  it("records nothing, for a function or the rest of a block", () => {
    const a = leaf([1]);
    expect(noGrad(() => a.mul(2)).isLeaf).toBe(true);
    {
      using _ = noGrad();
      expect(a.mul(2).requiresGrad).toBe(false);
    }
    expect(a.mul(2).requiresGrad).toBe(true);
    expect(() =>
      noGrad(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(a.mul(2).requiresGrad).toBe(true);
  });
});

describe("a user's own Function", () => {
  class Cube extends Function {
    #x!: Tensor;
    forward(x: Tensor) {
      this.#x = x;
      return x.mul(x).mul(x);
    }
    backward(g: Tensor) {
      return [g.mul(this.#x.square()).mul(3)];
    }
  }

  it("works like a built-in one, to the second order", () => {
    const x = leaf([2, -1]);
    const [first] = grad(new Cube().apply(x).sum(), [x], { createGraph: true });
    expect(first.toArray()).toEqual([12, 3]);
    expect(grad(first.sum(), [x])[0].toArray()).toEqual([12, -6]);
  });

  it("is told which gradient is wrong, and how", () => {
    class Wrong extends Function {
      readonly give: (g: Tensor) => Tensor | null | undefined;
      constructor(give: (g: Tensor) => Tensor | null | undefined) {
        super();
        this.give = give;
      }
      forward(x: Tensor) {
        return x.mul(1);
      }
      backward(g: Tensor) {
        return [this.give(g) as Tensor | null];
      }
    }
    const x = zeros([2, 3], { requiresGrad: true });
    const run = (give: (g: Tensor) => Tensor | null | undefined) => () =>
      new Wrong(give).apply(x).sum().backward();
    expect(run(() => zeros([3, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Wrong.backward: gradient of input 0 has shape [3, 2] — the input is [2, 3] float32, and its gradient must be the same (or broadcast from it)]`,
    );
    expect(run((g) => g.to("float64"))).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Wrong.backward: gradient of input 0 has dtype float64 — the input is [2, 3] float32, and its gradient must be the same (or broadcast from it)]`,
    );
    expect(run(() => undefined)).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Wrong.backward: gradient of input 0 is missing — the input is [2, 3] float32, and its gradient must be the same (or broadcast from it)]`,
    );
    expect(run(() => null)).not.toThrow();
    expect(x.grad).toBeNull();
  });

  it("is told what it returned in place of a list of gradients", () => {
    class Any extends Function {
      readonly give: (g: Tensor) => unknown;
      constructor(give: (g: Tensor) => unknown) {
        super();
        this.give = give;
      }
      forward(x: Tensor) {
        return x.mul(1);
      }
      backward(g: Tensor) {
        return this.give(g) as Tensor[];
      }
    }
    const run = (give: (g: Tensor) => unknown) => () => new Any(give).apply(leaf([1])).backward();
    expect(run((g) => g)).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Any.backward: returned no list for 1 inputs — one for each, in their order; null for none]`,
    );
    expect(run((g) => [g, g])).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Any.backward: returned 2 gradients for 1 inputs — one for each, in their order; null for none]`,
    );
    expect(run(() => [])).toThrow("returned 0 gradients for 1 inputs");
    expect(run((g) => [g, null])).not.toThrow();
  });

  it("makes one result, a tensor, per object", () => {
    class Number3 extends Function {
      forward(): Tensor {
        return 3 as never;
      }
      backward() {
        return [];
      }
    }
    expect(() => new Number3().apply()).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Number3.apply: forward returned 3 — an operation returns one tensor]`,
    );
    const cube = new Cube();
    const y = cube.apply(leaf([2]));
    expect(() => cube.apply(y)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Cube.apply: called a second time — make a new one for every call]`,
    );
  });
});
