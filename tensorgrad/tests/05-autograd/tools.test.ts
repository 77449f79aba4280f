import fc from "fast-check";
import { checkpoint, detectAnomaly, grad, noGrad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { GradientError, heap, manualSeed, scope } from "../../src/00-runtime/index.ts";
import { Function, randn, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import { Tanh } from "../../src/02-activations/index.ts";
import { Dropout, Linear, Sequential } from "../../src/03-layers/index.ts";

const leaf = (data: number[] | number[][]) => tensor(data, { requiresGrad: true, dtype: "float64" });

describe("registerHook", () => {
  it("sees the complete gradient, of leaves and inner tensors", () => {
    const a = leaf([3]);
    const b = a.mul(2);
    const seen: unknown[] = [];
    a.registerHook((g) => void seen.push(["a", g.item()]));
    b.registerHook((g) => void seen.push(["b", g.item()]));
    b.mul(b).backward(); // db = 2b = 12, da = 24
    expect(seen).toEqual([
      ["b", 12],
      ["a", 24],
    ]);
  });

  it("may replace the gradient, also where a graph of gradients is recorded", () => {
    const a = leaf([3]);
    const b = a.mul(2);
    const remove = b.registerHook((g) => g.mul(10));
    b.square().backward(null, { retainGraph: true });
    expect(a.grad?.toArray()).toEqual([240]);
    const [g] = grad(b.square(), [a], { createGraph: true });
    expect(grad(g, [a])[0].toArray()).toEqual([10 * 10 * 8]); // the hook stands twice on the way
    remove();
    expect(grad(a.mul(2).square(), [a])[0].toArray()).toEqual([24]);
  });

  it("lets what it makes outlive the pass", () => {
    const a = leaf([3]);
    let kept: Tensor | undefined;
    a.registerHook((g) => {
      kept = g.clone();
    });
    a.square().backward();
    expect(kept?.toArray()).toEqual([6]);
  });

  it("refuses what cannot be a gradient", () => {
    const a = leaf([3]);
    a.registerHook(() => zeros([2]));
    expect(() => a.square().backward()).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: registerHook: a hook returned [2] float32 for the gradient of [1] float64 — it must keep shape and dtype]`,
    );
    expect(() => tensor([1]).registerHook(() => {})).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: registerHook: a tensor of shape [1] that requires no gradient — none will ever come by]`,
    );
  });
});

/** a·b for a gradient of ones, which it takes for granted. */
class Passing extends Function {
  #b!: Tensor;
  forward(a: Tensor, b: Tensor) {
    this.#b = b;
    return a.mul(b);
  }
  backward() {
    return [this.#b, null];
  }
}

describe("a tensor changed in place between forward and backward", () => {
  it("is noticed: input, result, view or step", () => {
    const a = leaf([1, 2]);
    const y = a.square().sum();
    a.assign([5, 6]);
    expect(() => y.backward()).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Square.backward: input 0, [2] float64, was changed in place after the operation ran — its gradient needs the values of the forward pass; assign or step after backward, or compute with a clone()]`,
    );
    expect(a.grad).toBeNull();

    const e = a.exp();
    e.assign([0, 0]);
    expect(() => e.backward(tensor([1, 1], { dtype: "float64" }))).toThrow(
      "Exp.backward: the result, [2] float64, was changed in place",
    );

    const viewed = a.reshape(2, 1).mul(a.unsqueeze(1)).sum();
    a.narrow(0, 0, 1).assign([9]);
    expect(() => viewed.backward()).toThrow("was changed in place");
  });

  it("does no harm where the gradient does not depend on its values", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const y = a.add(b).sub(a.mul(3)).reshape(2, 1).sum(); // b − 2a
    a.assign([7, 8]);
    b.assign([0, 0]);
    y.backward();
    expect([a.grad?.toArray(), b.grad?.toArray()]).toEqual([
      [-2, -2],
      [1, 1],
    ]);
    const c = a.sigmoid(); // its gradient needs the result, not the input
    a.assign([1, 1]);
    expect(() => c.backward(tensor([1, 1], { dtype: "float64" }))).not.toThrow();
  });

  it("is noticed only by the gradient that needs it", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const y = a.mul(b).sum();
    b.assign([9, 9]);
    expect(grad(y, [b], { retainGraph: true })[0].toArray()).toEqual([1, 2]); // ∂/∂b = a
    expect(() => grad(y, [a], { retainGraph: true })).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: Mul.backward: input 1, [2] float64, was changed in place after the operation ran — its gradient needs the values of the forward pass; assign or step after backward, or compute with a clone()]`,
    );
    const frozen = tensor([5, 5], { dtype: "float64" });
    const z = frozen.mul(b).sum();
    b.assign([1, 1]); // as in PyTorch: b would be saved for frozen's gradient alone
    z.backward();
    expect(b.grad?.toArray()).toEqual([5, 5]);
  });

  it("is no trouble as the gradient that comes in, nor to read afterwards", () => {
    const a = leaf([1, 2]);
    const y = a.mul(2);
    a.assign([3, 4]);
    y.backward(a);
    expect([a.grad?.toArray(), a.toArray()]).toEqual([
      [6, 8],
      [3, 4],
    ]);
    const z = a.square().sum();
    a.assign([5, 6]);
    expect(() => z.backward()).toThrow(GradientError);
    expect(a.add(1).toArray()).toEqual([6, 7]);
  });

  it("is noticed where a rule passes on what it saved, and in a recomputed part", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const y = new Passing().apply(a, b);
    b.assign([0, 0]);
    expect(() => y.backward(tensor([1, 1], { dtype: "float64" }))).toThrow("Passing.backward: input 1");
    const z = checkpoint((x) => x.mul(2), a).sum();
    a.assign([0, 0]);
    expect(() => z.backward()).toThrow("Checkpoint.backward: input 0, [2] float64, was changed in place");
  });

  it("is fine before forward and after backward", () => {
    const a = leaf([1, 2]);
    a.assign([3, 4]);
    a.square().sum().backward();
    a.assign([0, 0]);
    expect(a.grad?.toArray()).toEqual([6, 8]);
  });
});

describe("detectAnomaly", () => {
  it("names the operation that made the first NaN, and the line that called it", () => {
    using _ = detectAnomaly();
    const x = leaf([1, -1]);
    expect(messageOf(() => x.log().mul(0).sum())).toMatch(
      /^Log: NaN at element 1 of the result \[2\], from inputs \[2\] without NaN — called at .*tools\.test\.ts:\d+:\d+\)?; look at its inputs there/,
    );
  });

  it("names the backward that made it", () => {
    const x = leaf([0]);
    expect(messageOf(() => detectAnomaly(() => x.sqrt().mul(0).sum().backward()))).toMatch(
      /^Sqrt\.backward: NaN in the gradient of input 0, \[1\], from a gradient without NaN — the operation was called at .*tools\.test\.ts/,
    );
    x.sqrt().mul(0).sum().backward(); // outside, NaN flows as usual
    expect(x.grad?.item()).toBeNaN();
  });

  it("lets NaN through that came from outside", () => {
    expect(detectAnomaly(() => tensor([NaN]).mul(2)).item()).toBeNaN();
  });
});

describe("checkpoint", () => {
  it("takes functions with one result", () => {
    const pair = ((x: Tensor) => [x, x]) as never;
    expect(() => checkpoint(pair, leaf([1]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: checkpoint: the function returned no tensor — it returns one; join several with cat or stack]`,
    );
  });

  const model = () => {
    manualSeed(3);
    return new Sequential(new Linear(4, 4), new Tanh(), new Dropout(0.5), new Linear(4, 4), new Tanh()).to(
      "float64",
    );
  };
  const x = leaf([[0.1, 0.2, 0.3, 0.4]]);

  it("gives the same gradients, of inputs and of parameters used inside, dropout included", () => {
    const gradients = (run: (net: Sequential) => Tensor) => {
      const net = model();
      run(net).square().sum().backward();
      const all = [x.grad, ...net.parameters().map((p) => p.grad)].map((g) => g?.toArray());
      x.zeroGrad();
      return all;
    };
    expect(gradients((net) => checkpoint((h) => net.forward(h), x))).toEqual(
      gradients((net) => net.forward(x)),
    );
  });

  it("gives the same gradients whatever part of its inputs the function uses, and wherever else they are used", () => {
    const segments: ((h: Tensor, k: Tensor, w: Tensor) => Tensor)[] = [
      (h) => h.square(),
      (_, k) => k,
      (h, k) => h.mul(k),
      (h, _, w) => h.mul(w),
      (_, k, w) => k.mul(w),
      (h) => h.detach().exp(),
      () => tensor([2, 3], { dtype: "float64" }),
    ];
    const uses = fc.array(fc.constantFrom(0, 1, 2), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom(...segments),
        uses,
        fc.tuple(fc.boolean(), fc.boolean()),
        fc.constantFrom(
          "another tensor",
          "the first again",
          "made from the first",
          "made from a captured one",
        ),
        fc.boolean(),
        (f, after, wanted, second, createGraph) => {
          const gradients = (isWrapped: boolean) => {
            const all = [leaf([1, 2]), leaf([0.5, -1]), leaf([3, 4])];
            wanted.forEach((wants, i) => {
              all[i].requiresGrad = wants;
            });
            const [h, given, w] = all;
            const seconds = {
              "another tensor": given,
              "the first again": h,
              "made from the first": h.mul(given),
              "made from a captured one": w.mul(given),
            };
            const k = seconds[second];
            const run = (h: Tensor, k: Tensor) => f(h, k, w);
            const y = after.reduce((y, i) => y.add(all[i]), isWrapped ? checkpoint(run, h, k) : run(h, k));
            const loss = y.mul(w).sum(); // w is used outside in any case
            loss.backward(undefined, { createGraph });
            return all.map((x) => x.grad?.toArray() ?? null);
          };
          expect(gradients(true)).toEqual(gradients(false));
        },
      ),
    );
  });

  it("can be differentiated twice", () => {
    const y = leaf([0.5, -1.5]);
    const twice = (f: (t: Tensor) => Tensor) => {
      const [g] = grad(f(y).sum(), [y], { createGraph: true });
      return grad(g.square().sum(), [y])[0].toArray();
    };
    const f = (t: Tensor) => t.tanh().exp();
    expect(twice((t) => checkpoint(f, t))).toEqual(twice(f));
  });

  it("keeps the inner values of one segment alive instead of all", () => {
    const deep = (segment: (h: Tensor) => Tensor, wrap: boolean) => {
      using _ = scope();
      const start = randn([1000], { requiresGrad: true });
      heap.resetPeak();
      const before = heap.live;
      let h: Tensor = start;
      for (let i = 0; i < 10; i++) h = wrap ? checkpoint(segment, h) : segment(h);
      return heap.live - before;
    };
    const segment = (h: Tensor) => h.tanh().sin().cos().tanh();
    expect(deep(segment, false) / deep(segment, true)).toBeCloseTo(4, 1);
  });

  it("gives back what it computed again before the next segment, so that backward peaks at one segment", () => {
    const extra = (segments: number) => {
      using _ = scope();
      let h: Tensor = randn([1000], { requiresGrad: true });
      for (let i = 0; i < segments; i++) h = checkpoint((x) => x.tanh().sin().cos().tanh(), h);
      const forward = heap.live;
      heap.resetPeak();
      h.sum().backward();
      return heap.peak - forward;
    };
    expect(extra(20)).toBe(extra(5));
  });

  it("and a whole backward pass holds the gradients of one layer at a time", () => {
    using _ = scope();
    const start = randn([1000], { requiresGrad: true });
    const peakOf = (depth: number) => {
      using _ = scope();
      let h: Tensor = start;
      for (let i = 0; i < depth; i++) h = h.mul(2);
      const forward = heap.live;
      heap.resetPeak();
      h.sum().backward();
      start.zeroGrad();
      return heap.peak - forward;
    };
    expect(peakOf(40)).toBe(peakOf(4));
  });

  it("is transparent where nothing is recorded", () => {
    expect(noGrad(() => checkpoint((h) => h.mul(2), x)).isLeaf).toBe(true);
  });
});

function messageOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
